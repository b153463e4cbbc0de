import Decoder
import Neural
import Tensors
import Weights

/// The configurations of the diffusion networks in a manifest, and channel-first arrays.
enum DiffusionFixture {
    static func unet(_ sizes: FixtureConfiguration, weights: StateDictionary) throws -> UNetConfiguration {
        var unet = UNetConfiguration()
        unet.latentSize = try sizes.int("image_size")
        unet.inputChannels = try sizes.int("in_channels")
        unet.outputChannels = try sizes.int("out_channels")
        unet.modelChannels = try sizes.int("model_channels")
        unet.channelMultipliers = try sizes.ints("channel_mult")
        unet.residualBlocks = try sizes.int("num_res_blocks")
        unet.attentionResolutions = try sizes.ints("attention_resolutions")
        unet.heads = try sizes.int("num_heads")
        unet.transformerDepth = try sizes.int("transformer_depth")
        unet.contextWidth = try sizes.int("context_dim")
        let usesTime = try sizes.has("use_time_cond") && sizes.bool("use_time_cond")
        let isPooled = try sizes.has("global_pool") && sizes.bool("global_pool")
        let tokens = weights["time_embed_condtion.0.weight"]?.shape.dropFirst().first ?? 77
        unet.timeConditioning = !usesTime ? .none : isPooled ? .pooled : .tokens(tokens)
        try unet.validate()
        return unet
    }

    static func autoencoder(_ sizes: FixtureConfiguration) throws -> VQAutoencoderConfiguration {
        var autoencoder = VQAutoencoderConfiguration()
        let networks = try sizes.section("ddconfig")
        autoencoder.codes = try sizes.int("n_embed")
        autoencoder.codeChannels = try sizes.int("embed_dim")
        autoencoder.latentChannels = try networks.int("z_channels")
        autoencoder.resolution = try networks.int("resolution")
        autoencoder.imageChannels = try networks.int("in_channels")
        autoencoder.channels = try networks.int("ch")
        autoencoder.channelMultipliers = try networks.ints("ch_mult")
        autoencoder.residualBlocks = try networks.int("num_res_blocks")
        autoencoder.attentionResolutions = try networks.ints("attn_resolutions")
        try autoencoder.validate()
        return autoencoder
    }

    static let finetunedFile = "ldm/finetuned.pth"

    /// The recorded fine-tuned model with its weights.
    ///
    /// Its conditioning has the sizes of the recorded autoencoder.
    static func finetuned(_ folder: FixtureFolder) throws -> LatentDiffusion {
        let weights = try folder.weights(finetunedFile)
        let sizes = try folder.config.section("ldm_unet")
        let networkWeights = weights.slice(prefix: "model.diffusion_model.")
        let unet = try unet(sizes, weights: networkWeights)
        let autoencoder = try autoencoder(folder.config.section("ldm_vq"))
        let conditioning = try conditioning(folder, weights: weights.slice(prefix: "cond_stage_model."), unet: unet)
        let model = LatentDiffusion(
            LatentDiffusionConfiguration(unet: unet, autoencoder: autoencoder, conditioning: conditioning)
        )
        try load(weights, into: model.store, file: finetunedFile)
        return model
    }

    private static func conditioning(_ folder: FixtureFolder, weights: StateDictionary, unet: UNetConfiguration) throws
        -> FMRIConditioningConfiguration
    {
        let sizes = try folder.config.section("mae")
        guard let table = weights["mae.pos_embed"]?.shape, table.count == 3 else {
            throw ParityError(.malformed, finetunedFile, "there is no cond_stage_model.mae.pos_embed")
        }
        let patchSize = try sizes.int("patch_size")
        let encoder = FMRIEncoderConfiguration(
            voxels: (table[1] - 1) * patchSize,
            patchSize: patchSize,
            width: table[2],
            depth: try sizes.int("depth"),
            heads: try sizes.int("num_heads"),
            hiddenRatio: try sizes.double("mlp_ratio"),
            pooling: unet.timeConditioning == .pooled ? .mean : .tokens
        )
        let tokens = weights["channel_mapper.1.weight"]?.shape.first ?? 77
        let result = FMRIConditioningConfiguration(encoder: encoder, tokens: tokens, contextWidth: unet.contextWidth)
        try result.validate()
        return result
    }

    /// Loads networks; the tables of the noise schedule may be left over.
    static func load(_ weights: StateDictionary, into store: ParameterStore, file: String) throws {
        let tables = Set(NoiseSchedule().buffers.keys).union(["logvar", "lvlb_weights"])
        try store.loadExactly(weights, file: file) { tables.contains($0) ? nil : $0 }
    }
}

extension FixtureArchive {
    /// A recorded `[B, C, H, W]`, channel-last.
    func channelLast(_ name: String, channels: Int? = nil) throws -> Tensor {
        nchwToNHWC(try tensor(name, [nil, channels, nil, nil]))
    }

    /// Recorded timesteps, checked against the length of the schedule.
    func timesteps(_ name: String, below count: Int) throws -> [Int] {
        let steps = try array(name).integers()
        guard steps.allSatisfy({ $0 >= 0 && $0 < count }) else {
            throw ParityError(.malformed, "\(file): \(name)", "has a timestep outside of the schedule")
        }
        return steps
    }
}

extension ParityChecks {
    /// Compares a channel-last result with a recorded channel-first array.
    mutating func compareChannelFirst(
        _ actual: Tensor,
        with name: String,
        in archive: FixtureArchive,
        _ tolerance: ParityTolerance = .forward
    ) throws {
        try compare(nhwcToNCHW(actual), with: name, in: archive, tolerance)
    }

    /// Compares the 8-bit form of channel-last images in −1…1 with a recorded channel-first array.
    mutating func compareBytes(_ images: Tensor, with name: String, in archive: FixtureArchive) throws {
        let bytes = nhwcToNCHW(images).elements.map { Double((255 * min(max(($0 + 1) / 2, 0), 1)).rounded(.down)) }
        let shape = nhwcToNCHW(images).shape
        try compare(bytes, shape: shape, with: name, in: archive, .image8)
    }
}
