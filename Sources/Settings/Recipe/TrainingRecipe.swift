import Foundation

/// What `percept train` does, phase by phase: the content of a recipe file.
///
/// `Config/recipes/` has commented examples.
public struct TrainingRecipe: Sendable, Equatable {
    /// Values that a recipe starts from.
    public enum Preset: String, Sendable, CaseIterable {
        /// The published settings.
        case reference
        /// What the released code really computes.
        case referenceEffective = "reference-effective"
        /// Small networks that train on two cores in minutes.
        case compact
    }

    /// What the trained bundle is called.
    public var name = "decoder"
    /// The values that keys left out have.
    public var preset = Preset.reference
    /// The seed of everything random.
    public var seed: UInt64 = 2022
    /// The seed of the phases that see images alone, so that runs with other seeds can share them; nil for ``seed``.
    public var imageSeed: UInt64?
    /// Height and width of the images that the decoder makes.
    public var imageSize = 256
    /// How patterns are prepared.
    public var patterns = PatternRecipe()
    /// Simulated responses beside the measured ones.
    public var simulation = SimulationRecipe()
    /// Random changes of training images.
    public var augmentation = AugmentationRecipe()
    /// The share of the training pairs that is held out to choose by; 0 trains on all for the given epochs.
    public var validationShare = 0.1
    /// The vector-quantising autoencoder.
    public var autoencoder = AutoencoderRecipe()
    /// The label-conditional latent diffusion model.
    public var imageModel = ImageModelRecipe()
    /// The first phase.
    public var pretraining = PretrainingRecipe()
    /// The image autoencoder of the second phase.
    public var imageAutoencoder = ImageAutoencoderRecipe()
    /// The second phase.
    public var crossModal = CrossModalRecipe()
    /// The third phase.
    public var diffusionTuning = DiffusionTuningRecipe()
    /// A student of few steps.
    public var distillation = DistillationRecipe()
    /// How the decoder samples unless it is told otherwise.
    public var sampler = SamplerRecipe()

    /// The defaults of every key, before a preset.
    static let blank = TrainingRecipe()

    private init() {}

    /// The seed of a phase that sees images alone.
    public var seedOfImagePhases: UInt64 { imageSeed ?? seed }

    static var fields: [SettingsField<TrainingRecipe>] {
        [
            .value("name", \.name, .name),
            .value("preset", \.preset, .word),
            .value("seed", \.seed, .integer(0...UInt64.max)),
            .optional("imageSeed", \.imageSeed, .integer(0...UInt64.max)),
            .value("imageSize", \.imageSize, .integer(4...4096)),
            .section("patterns", \.patterns, PatternRecipe.fields),
            .section("simulation", \.simulation, SimulationRecipe.fields),
            .section("augmentation", \.augmentation, AugmentationRecipe.fields),
            .value("validationShare", \.validationShare, .number(0...0.5)),
            .section("autoencoder", \.autoencoder, AutoencoderRecipe.fields),
            .section("imageModel", \.imageModel, ImageModelRecipe.fields),
            .section("pretraining", \.pretraining, PretrainingRecipe.fields),
            .section("imageAutoencoder", \.imageAutoencoder, ImageAutoencoderRecipe.fields),
            .section("crossModal", \.crossModal, CrossModalRecipe.fields),
            .section("diffusionTuning", \.diffusionTuning, DiffusionTuningRecipe.fields),
            .section("distillation", \.distillation, DistillationRecipe.fields),
            .section("sampler", \.sampler, SamplerRecipe.fields),
        ]
    }
}

/// How patterns are prepared.
public struct PatternRecipe: Sendable, Equatable {
    /// What patterns are scaled by.
    public enum Standardization: String, Sendable, CaseIterable {
        /// The mean and deviation of each voxel over the training patterns.
        case voxel
        /// One mean and one deviation of all training values, as the reference does.
        case matrix
        /// Nothing: they are scaled already.
        case none
    }

    /// In which order voxels stand in a pattern.
    public enum Order: String, Sendable, CaseIterable {
        /// As in the data.
        case given
        /// Those whose responses follow images alike, by an encoding model of the training pairs, stand at the same place
        /// of every patch.
        case aligned
    }

    /// What a pattern's voxels are combined into.
    public enum Reduction: String, Sendable, CaseIterable {
        /// They stay as they are.
        case none
        /// Estimates of the image's features, by the encoding model of `simulation` inverted (Brouwer & Heeger, Journal of
        /// Neuroscience 29, 2009).
        case features
    }

    /// What patterns are scaled by.
    public var standardization = Standardization.voxel
    /// The number of voxels that are used, those whose responses an encoding model predicts best among the training
    /// pairs; 0 uses all.
    public var voxels = 0
    /// In which order voxels stand in a pattern.
    public var order = Order.given
    /// What voxels are combined into.
    public var reduction = Reduction.none
    /// How many times a pattern stands in what the encoder sees.
    ///
    /// With patches of its size each patch has all of it.
    public var repeats = 1
    /// Voxels of a patch.
    public var patchSize = 16
    /// The share of voxels that is set to zero in training, drawn anew each time.
    public var sparsity = 0.0

    /// The defaults.
    public init() {}

    static var fields: [SettingsField<Self>] {
        [
            .value("standardization", \.standardization, .word),
            .value("voxels", \.voxels, .integer(0...1_000_000)),
            .value("order", \.order, .word),
            .value("reduction", \.reduction, .word),
            .value("repeats", \.repeats, .integer(1...4096)),
            .value("patchSize", \.patchSize, .integer(1...4096)),
            .value("sparsity", \.sparsity, .number(0...0.99)),
        ]
    }
}

/// Responses to prior images, simulated with an encoding model that is fitted to the measured pairs.
public struct SimulationRecipe: Sendable, Equatable {
    /// What responses depend on.
    public enum Features: String, Sendable, CaseIterable {
        /// The pixels.
        case pixels
        /// The pixels, and the contrast by place, orientation and spatial frequency (Kay et al., Nature 452, 2008).
        case contrast
    }

    /// The share of simulated pairs among those that are trained on; 0 for none.
    public var share = 0.0
    /// What responses depend on.
    public var features = Features.pixels
    /// The principal components of the features over the prior images: so many of the pixels, and of the contrast.
    public var components = 20
    /// The ridge penalty of the encoding model.
    public var ridge = 10.0
    /// The share of the noise that is correlated between voxels as the residuals are.
    public var correlatedNoise = 0.5
    /// The deviation of the noise relative to that of the residuals.
    public var noiseScale = 1.0
    /// The least share of that deviation; each response draws its share uniformly from there to 1.
    public var leastNoise = 1.0
    /// The parts of the training pairs that are left out in turn, to measure how far off features are that are estimated from
    /// responses (`patterns.reduction: features`).
    public var folds = 8
    /// Whether only prior images of classes that the measured pairs have are used.
    public var measuredClassesOnly = true

    /// The defaults.
    public init() {}

    static var fields: [SettingsField<Self>] {
        [
            .value("share", \.share, .number(0...1)),
            .value("features", \.features, .word),
            .value("components", \.components, .integer(1...4096)),
            .value("ridge", \.ridge, .number(0.000001...1_000_000_000)),
            .value("correlatedNoise", \.correlatedNoise, .number(0...1)),
            .value("noiseScale", \.noiseScale, .number(0...100)),
            .value("leastNoise", \.leastNoise, .number(0...1)),
            .value("folds", \.folds, .integer(2...1024)),
            .value("measuredClassesOnly", \.measuredClassesOnly, .flag),
        ]
    }
}

/// Random changes of training images.
public struct AugmentationRecipe: Sendable, Equatable {
    /// The largest shift in pixels.
    public var shift = 0.0
    /// The largest rotation in degrees.
    public var rotation = 0.0
    /// The largest relative change of size.
    public var scaling = 0.0
    /// The changed forms of each image that the diffusion model is trained on, encoded once; 0 draws and encodes anew
    /// each time.
    public var versions = 0

    /// The defaults.
    public init() {}

    static var fields: [SettingsField<Self>] {
        [
            .value("shift", \.shift, .number(0...1000)),
            .value("rotation", \.rotation, .number(0...180)),
            .value("scaling", \.scaling, .number(0...0.9)),
            .value("versions", \.versions, .integer(0...1024)),
        ]
    }
}
