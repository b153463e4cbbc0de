import Decoder
import Foundation
import Neural
import Settings
import Tensors
import Weights

/// Trains a decoder, phase after phase, in one folder; goes on where an earlier run stopped.
///
/// Each phase has a folder of its own with its curves and its weights. The folder of the image phases may be shared by
/// several runs, for instance the folds of a cross-validation.
public final class TrainingChain {
    /// What a run is given.
    public struct Options: Sendable {
        /// Where results go.
        public var folder: URL
        /// Where the phases that see images alone keep theirs; by default in `folder`.
        public var imageFolder: URL?
        /// Seconds between checkpoints.
        public var checkpointInterval = 30.0
        /// The bytes of memory that patterns, networks or an update may take, each; by default all that the machine has.
        public var memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        /// Called after every update.
        public var report: @Sendable (TrainingProgress) throws -> Void = { _ in }

        /// Describes a run in a folder.
        public init(folder: URL) { self.folder = folder }
    }

    let material: TrainingMaterial
    let options: Options
    private let fingerprint: Fingerprint
    var recipe: TrainingRecipe { material.recipe }

    /// Prepares data.
    /// - Parameters:
    ///   - pairs: what is trained on; some may be held out to choose by.
    ///   - prior: images without responses.
    ///   - unlabelled: patterns without images, for the first phase beside those of the pairs.
    /// - Throws: ``TrainingError`` or ``DatasetError`` where they do not fit together.
    public init(
        recipe: TrainingRecipe,
        pairs: StimulusResponses,
        prior: StimulusSet?,
        unlabelled: UnlabelledPatterns? = nil,
        options: Options
    ) throws {
        material = try TrainingMaterial(
            recipe: recipe,
            pairs: pairs,
            prior: prior,
            unlabelled: unlabelled,
            memory: options.memory
        )
        self.options = options
        fingerprint = Fingerprint(
            recipe,
            patterns: [material.patterns, material.validationPatterns] + [material.unlabelled].compactMap { $0 },
            images: material.images + material.validationImages,
            prior: material.prior,
            classes: material.priorClasses
        )
    }

    /// How patterns have to be prepared for the trained decoder.
    public var standardization: PatternStandardization { material.standardization }

    /// What a run makes.
    public struct Result {
        /// The decoder.
        public let decoder: LatentDiffusion
        /// The student of few steps, if the recipe asks for one.
        public let student: LatentDiffusion?
    }

    /// Trains every phase.
    /// - Throws: ``TrainingError`` if a phase's networks need more memory than there may be, before anything is trained; if its
    ///   updates do, before it is trained.
    public func run() throws -> Result {
        try checkMemory()
        let imageModel = try trainImageModel()
        let encoder = try trainEncoder()
        let tuning = DiffusionTuningPhase(
            material,
            configuration: try tunedConfiguration(),
            imageModel: imageModel,
            encoder: encoder
        )
        try train(tuning, recipe.diffusionTuning.optimization, .phase3)
        guard recipe.distillation.isTrained else { return Result(decoder: tuning.model, student: nil) }
        let distillation = DistillationPhase(tuning, recipe: recipe)
        try train(distillation, recipe.distillation.optimization, .distillation)
        return Result(decoder: tuning.model, student: distillation.student)
    }

    /// The decoder: the image model, conditioned on the encoder.
    func tunedConfiguration() throws -> LatentDiffusionConfiguration {
        var configuration = try configuration()
        configuration.conditioning = FMRIConditioningConfiguration(
            encoder: encoderConfiguration,
            tokens: recipe.diffusionTuning.tokens,
            contextWidth: recipe.imageModel.contextWidth
        )
        configuration.unet.timeConditioning = .tokens(recipe.diffusionTuning.tokens)
        try configuration.validate()
        return configuration
    }

    /// The image model, without a condition.
    func configuration() throws -> LatentDiffusionConfiguration {
        let (first, second) = (recipe.autoencoder, recipe.imageModel)
        var autoencoder = VQAutoencoderConfiguration()
        autoencoder.channels = first.channels
        autoencoder.channelMultipliers = first.multipliers
        autoencoder.residualBlocks = first.blocks
        autoencoder.resolution = recipe.imageSize
        autoencoder.latentChannels = first.codeChannels
        autoencoder.codeChannels = first.codeChannels
        autoencoder.codes = first.codes
        var unet = UNetConfiguration()
        unet.latentSize = recipe.imageSize / autoencoder.downsampling
        unet.inputChannels = first.codeChannels
        unet.outputChannels = first.codeChannels
        unet.modelChannels = second.channels
        unet.channelMultipliers = second.multipliers
        unet.residualBlocks = second.blocks
        unet.attentionResolutions = second.attention
        unet.heads = second.heads
        unet.contextWidth = second.contextWidth
        unet.timeConditioning = .none
        unet.positionFrequencies = second.positionFrequencies > 0 ? second.positionFrequencies : nil
        let configuration = LatentDiffusionConfiguration(unet: unet, autoencoder: autoencoder)
        try configuration.validate()
        return configuration
    }

    private var encoderConfiguration: FMRIEncoderConfiguration {
        FMRIEncoderConfiguration(
            voxels: material.patterns.columns,
            patchSize: recipe.patterns.patchSize,
            width: recipe.pretraining.width,
            depth: recipe.pretraining.depth,
            heads: recipe.pretraining.heads,
            hiddenRatio: recipe.pretraining.hiddenRatio
        )
    }

    private func trainImageModel() throws -> ParameterStore {
        let configuration = try configuration()
        let autoencoder = AutoencoderPhase(material, configuration: configuration.autoencoder)
        let store = autoencoder.networks[0].store
        try start(store, from: recipe.autoencoder.start, isTrained: recipe.autoencoder.isTrained, "autoencoder")
        if recipe.autoencoder.isTrained {
            try train(autoencoder, recipe.autoencoder.optimization, .autoencoder)
            autoencoder.normalizeLatents()
        }
        let phase = ImageModelPhase(material, configuration: configuration, autoencoder: store)
        try start(
            phase.model.store,
            from: recipe.imageModel.start,
            isTrained: recipe.imageModel.isTrained,
            "imageModel"
        )
        if recipe.imageModel.isTrained {
            try train(phase, recipe.imageModel.optimization, .imageModel)
        }
        return phase.model.store
    }

    /// The encoder after the first and second phase, under the names of their state dicts; nil if neither is trained.
    private func trainEncoder() throws -> ParameterStore? {
        var encoder: ParameterStore?
        if recipe.pretraining.isTrained || recipe.pretraining.start != nil {
            let phase = try PretrainingPhase(material)
            if let path = recipe.pretraining.start {
                try start(phase.store, from: path, isTrained: recipe.pretraining.isTrained, "pretraining")
            }
            if recipe.pretraining.isTrained { try train(phase, recipe.pretraining.optimization, .phase1) }
            encoder = phase.store
        }
        guard recipe.crossModal.isTrained else { return encoder }
        let images = try ImageAutoencoderPhase(material)
        let vision = recipe.imageAutoencoder
        try start(images.store, from: vision.start, isTrained: vision.isTrained, "imageAutoencoder")
        if vision.isTrained {
            try train(images, vision.optimization, .imageAutoencoder)
        }
        let phase = try CrossModalPhase(material)
        phase.model.imageStore.copyValues(of: images.store)
        if let encoder { phase.model.fmriStore.copyValues(of: encoder) }
        try train(phase, recipe.crossModal.optimization, .phase2)
        return phase.model.fmriStore
    }

    /// Loads weights to start from, whose names are those of the network, possibly below a prefix.
    private func start(_ store: ParameterStore, from path: String?, isTrained: Bool, _ key: String) throws {
        guard let path else {
            guard isTrained else {
                throw TrainingError(.unsuitable, key, "it is not trained, so \(key).start must name its weights")
            }
            return
        }
        let checkpoint = try Checkpoint(path: path)
        let report = store.load(checkpoint.weights)
        guard report.misshapen.isEmpty, report.missing.count < store.parameters.count else {
            throw TrainingError(.unsuitable, path, "it does not fit \(key): \(report)")
        }
    }

    private func train(_ phase: any TrainingPhase, _ optimization: OptimizationRecipe, _ place: Place) throws {
        let parent = place.isOfImages ? options.imageFolder ?? options.folder : options.folder
        let loop = TrainingLoop(
            optimization: optimization,
            seed: place.isOfImages ? recipe.seedOfImagePhases : recipe.seed,
            folder: parent.appendingPathComponent(place.folder, isDirectory: true),
            fingerprint: fingerprint.of(place.sections, usesPatterns: !place.isOfImages),
            checkpointInterval: options.checkpointInterval,
            memory: options.memory,
            report: options.report
        )
        try loop.run(phase)
    }

    /// Where a phase keeps its results, and what they depend on.
    private struct Place {
        let folder: String
        var isOfImages = false
        let sections: [String]

        static let autoencoder = Place(folder: "autoencoder", isOfImages: true, sections: ["autoencoder"])
        static let imageModel = Place(
            folder: "image-model",
            isOfImages: true,
            sections: autoencoder.sections + ["imageModel"]
        )
        static let imageAutoencoder = Place(
            folder: "image-autoencoder",
            isOfImages: true,
            sections: ["imageAutoencoder"]
        )
        static let phase1 = Place(
            folder: "phase1",
            sections: ["patterns", "simulation", "validationShare", "pretraining"]
        )
        static let phase2 = Place(
            folder: "phase2",
            sections: phase1.sections + imageAutoencoder.sections + ["crossModal"]
        )
        static let phase3 = Place(
            folder: "phase3",
            sections: phase2.sections + imageModel.sections + ["diffusionTuning"]
        )
        static let distillation = Place(folder: "distillation", sections: phase3.sections + ["distillation"])
    }
}
