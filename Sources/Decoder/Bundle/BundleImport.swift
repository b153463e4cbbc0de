import Foundation
import Neural
import Tensors
import Weights

/// Makes a decoder out of public checkpoints.
public struct BundleImport {
    /// What may be said that the files do not tell.
    public struct Options: Sendable {
        /// The attention heads of the fMRI encoder; by default what the checkpoint says, else the published 16.
        public var heads: Int?
        /// Height and width of the images; by default what the checkpoint says, else the published 256.
        public var imageSize: Int?
        /// The voxels of the patterns to come, where they differ from those of the encoder's pre-training.
        public var voxels: Int?
        /// The seed of weights that no checkpoint has.
        public var seed: UInt64 = 0

        /// The defaults.
        public init() {}
    }

    /// The decoder, whose weights still lie in the checkpoints.
    public let decoder: LatentDiffusion
    /// The checkpoints and what each was used as.
    public let sources: [(role: String, path: String)]
    /// The steps that the checkpoint suggests.
    public let steps: Int?
    /// Whether parts are untrained.
    public let needsFineTuning: Bool
    /// The seed of untrained parts.
    public let seed: UInt64
    /// What a reader should know.
    public private(set) var notes: [String]
    /// The sampler that suits the decoder, if that is known.
    private(set) var sampler: BundleManifest.SamplerDefaults?
    /// How patterns have to be prepared, if that is known.
    private(set) var standardization: PatternStandardization?
    /// Further files of the bundle.
    private(set) var attachments: [BundleAttachment] = []
    /// Whether the weights come from training and not from checkpoints.
    private(set) var isTrainedHere = false

    static let prefixes = (
        unet: "model.diffusion_model.", autoencoder: "first_stage_model.", conditioning: "cond_stage_model."
    )

    /// Takes a decoder that was trained here.
    ///
    /// - Parameters:
    ///   - decoder: The decoder, all of whose weights are trained.
    ///   - sources: The files that it was trained on or with, and what each was used as.
    ///   - sampler: The sampler that suits it.
    ///   - standardization: How its patterns were prepared.
    ///   - attachments: Further files, such as those that say how volumes are processed.
    ///   - seed: The seed of the training.
    public init(
        trained decoder: LatentDiffusion,
        sources: [(role: String, path: String)],
        sampler: BundleManifest.SamplerDefaults,
        standardization: PatternStandardization?,
        attachments: [BundleAttachment] = [],
        seed: UInt64,
        notes: [String] = []
    ) {
        self.decoder = decoder
        self.sources = sources
        self.sampler = sampler
        self.standardization = standardization
        self.attachments = attachments
        self.seed = seed
        self.notes = notes
        needsFineTuning = false
        isTrainedHere = true
        steps = sampler.steps
    }

    /// Takes everything from one fine-tuned checkpoint.
    ///
    /// - Throws: `WeightsError` if the file cannot be read, ``BundleError`` if it is not a whole decoder.
    public init(fineTuned path: String, options: Options = Options()) throws {
        let checkpoint = try Checkpoint(path: path)
        let shapes = checkpoint.shapes
        var notes: [String] = []
        let tuned = shapes.below(Self.prefixes.conditioning)
        guard tuned["dim_mapper.weight"] != nil else {
            throw shapes.failure(
                "it has no cond_stage_model.dim_mapper.weight, so it is not a fine-tuned decoder; import a "
                    + "label-to-image checkpoint together with an encoder checkpoint"
            )
        }
        let heads = Self.heads(options, checkpoint, tuned["mae.patch_embed.proj.weight"]?.first, &notes)
        var configuration = try Self.firstStages(checkpoint, options: options)
        configuration.conditioning = try FMRIConditioningConfiguration(inferredFrom: tuned, heads: heads)
        try configuration.requireMatchingParts(source: path)
        if let voxels = options.voxels, voxels != configuration.conditioning?.encoder.voxels {
            throw shapes.failure(
                "a fine-tuned decoder is bound to its number of voxels; it cannot be changed to \(voxels)"
            )
        }
        decoder = LatentDiffusion(configuration, seed: options.seed)
        let report = decoder.store.load(checkpoint.weights)
        guard report.missing.isEmpty, report.misshapen.isEmpty else { throw shapes.failure(report.complaints) }
        try Self.checkSchedule(checkpoint, decoder.schedule)
        sources = [("fine-tuned decoder", path)]
        steps = checkpoint.steps
        needsFineTuning = false
        seed = options.seed
        self.notes = notes
    }

    /// Combines a pre-trained fMRI encoder with a label-to-image model.
    ///
    /// The mappers between them and the time conditioning are new: the decoder must be fine-tuned before it is of use.
    /// - Throws: `WeightsError` if a file cannot be read, ``BundleError`` if one does not hold what is needed.
    public init(encoder encoderPath: String, labelToImage imagePath: String, options: Options = Options()) throws {
        let pretrained = try Checkpoint(path: encoderPath)
        let image = try Checkpoint(path: imagePath)
        var notes = [
            "the mappers of the conditioning and the time conditioning are freshly initialised from seed "
                + "\(options.seed): fine-tune this decoder before use"
        ]
        let heads = Self.heads(options, pretrained, pretrained.shapes["patch_embed.proj.weight"]?.first, &notes)
        var encoder = try FMRIEncoderConfiguration(inferredFrom: pretrained.shapes, heads: heads)
        if let voxels = options.voxels, voxels != encoder.voxels {
            notes.append("position table interpolated from \(encoder.voxels) to \(voxels) voxels")
            encoder.voxels = voxels
        }
        try encoder.validate()
        var configuration = try Self.firstStages(image, options: options)
        configuration.conditioning = FMRIConditioningConfiguration(
            encoder: encoder,
            contextWidth: configuration.unet.contextWidth
        )
        configuration.unet.timeConditioning = .tokens(77)
        try configuration.requireMatchingParts(source: imagePath)
        decoder = LatentDiffusion(configuration, seed: options.seed)
        let imageReport = decoder.store.load(image.weights) { $0.hasPrefix(Self.prefixes.conditioning) ? nil : $0 }
        let expected = [Self.prefixes.conditioning, Self.prefixes.unet + "time_embed_condtion."]
        let missing = imageReport.missing.filter { name in !expected.contains { name.hasPrefix($0) } }
        guard missing.isEmpty, imageReport.misshapen.isEmpty else {
            throw image.shapes.failure(imageReport.complaints)
        }
        try Self.checkSchedule(image, decoder.schedule)
        let prefix = Self.prefixes.conditioning + "mae."
        let report = FMRIEncoder.load(pretrained: pretrained.weights, into: decoder.store, prefix: prefix)
        guard report.missing.isEmpty, report.misshapen.isEmpty else {
            throw pretrained.shapes.failure(report.complaints)
        }
        sources = [("fMRI encoder", encoderPath), ("label-to-image model", imagePath)]
        steps = nil
        needsFineTuning = true
        seed = options.seed
        self.notes = notes
    }

    /// UNet and autoencoder of a checkpoint.
    private static func firstStages(_ checkpoint: Checkpoint, options: Options) throws -> LatentDiffusionConfiguration {
        let imageSize = options.imageSize ?? checkpoint.imageSize ?? 256
        let autoencoder = try VQAutoencoderConfiguration(
            inferredFrom: checkpoint.shapes.below(prefixes.autoencoder),
            resolution: imageSize
        )
        var unet = try UNetConfiguration(inferredFrom: checkpoint.shapes.below(prefixes.unet))
        let factor = autoencoder.downsampling << (unet.channelMultipliers.count - 1)
        guard imageSize > 0, imageSize <= 4096, imageSize % factor == 0 else {
            throw checkpoint.shapes.failure("images of \(imageSize) pixels: the size must be a multiple of \(factor)")
        }
        unet.latentSize = imageSize / autoencoder.downsampling
        return LatentDiffusionConfiguration(unet: unet, autoencoder: autoencoder)
    }

    private static func heads(_ options: Options, _ checkpoint: Checkpoint, _ width: Int?, _ notes: inout [String])
        -> Int
    {
        if let known = options.heads ?? checkpoint.heads { return known }
        let assumed = (width ?? 16) % 16 == 0 ? 16 : 1
        notes.append("the checkpoint does not tell the fMRI encoder's attention heads; assumed \(assumed)")
        return assumed
    }

    /// A schedule that differs would make every sampler wrong without a sign of it.
    private static func checkSchedule(_ checkpoint: Checkpoint, _ schedule: NoiseSchedule) throws {
        guard let stored = checkpoint.weights["alphas_cumprod"]?.floats() else { return }
        let own = schedule.alphasCumulativeTable
        guard stored.count == own.count, zip(stored, own).allSatisfy({ abs($0 - $1) <= 1e-5 }) else {
            throw checkpoint.shapes.failure(
                "its noise schedule (alphas_cumprod) is not the published one of 1000 steps"
            )
        }
    }
}

extension LatentDiffusionConfiguration {
    /// Checks that what one part gives is what the next takes.
    func requireMatchingParts(source: String) throws {
        func refuse(_ detail: String) -> BundleError { BundleError(.unsuitableCheckpoint, source, detail) }
        guard unet.inputChannels == autoencoder.codeChannels, unet.outputChannels == unet.inputChannels else {
            throw refuse(
                "the UNet works on \(unet.inputChannels) channels, the autoencoder's latents have "
                    + "\(autoencoder.codeChannels)"
            )
        }
        guard let conditioning else { return }
        guard conditioning.contextWidth == unet.contextWidth else {
            throw refuse(
                "the conditioning gives a context of width \(conditioning.contextWidth), the UNet takes one of "
                    + "\(unet.contextWidth)"
            )
        }
        let isPooled = conditioning.encoder.pooling == .mean
        switch unet.timeConditioning {
        case .tokens(let tokens) where isPooled || tokens != conditioning.tokens:
            throw refuse("the conditioning gives \(conditioning.tokens) tokens, the time conditioning takes \(tokens)")
        case .pooled where !isPooled:
            throw refuse("the time conditioning takes one pooled token, the conditioning gives \(conditioning.tokens)")
        default: return
        }
    }
}

extension LoadReport {
    /// What does not fit, on one line.
    var complaints: String {
        var report = self
        report.unexpected = []
        return report.description.split(separator: "\n").joined(separator: "; ")
    }
}
