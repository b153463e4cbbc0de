/// The sizes of a vector-quantising autoencoder.
public struct VQAutoencoderConfiguration: Sendable, Hashable, Codable {
    /// Channels of the finest level.
    public var channels = 128
    /// Channels of each level, as multiples of `channels`, finest first.
    public var channelMultipliers = [1, 2, 4]
    /// Residual blocks of each level of the encoder; the decoder has one more.
    public var residualBlocks = 2
    /// Height and width of the image, which with `attentionResolutions` places attention.
    public var resolution = 256
    /// The sizes of the levels with attention besides the middle.
    public var attentionResolutions: [Int] = []
    /// Channels of the image.
    public var imageChannels = 3
    /// Channels of the encoder's output.
    public var latentChannels = 3
    /// Channels of a code.
    public var codeChannels = 3
    /// The number of codes.
    public var codes = 8192

    /// The published VQ-f4.
    public init() {}

    /// How many times smaller the latent is than the image.
    public var downsampling: Int { 1 << (channelMultipliers.count - 1) }

    /// Checks that the sizes fit together.
    ///
    /// Throws ``TransformerConfigurationError``.
    public func validate() throws {
        try TransformerConfigurationError.requireSize(channels, "ch", atMost: 1 << 16)
        try TransformerConfigurationError.requireSize(residualBlocks, "num_res_blocks", atMost: 64)
        try TransformerConfigurationError.requireSize(channelMultipliers.count, "levels", atMost: 16)
        try TransformerConfigurationError.requireSize(codes, "n_embed", atMost: 1 << 24)
        try TransformerConfigurationError.requireSize(codeChannels, "embed_dim", atMost: 1 << 12)
        try TransformerConfigurationError.requireSize(latentChannels, "z_channels", atMost: 1 << 12)
        for multiplier in channelMultipliers {
            try TransformerConfigurationError.requireSize(multiplier, "ch_mult", atMost: 1 << 10)
        }
        // Every GroupNorm has 32 groups.
        try TransformerConfigurationError.requireMultiple(channels, of: 32, "ch")
        try TransformerConfigurationError.requireSize(imageChannels, "in_channels", atMost: 1 << 12)
        try TransformerConfigurationError.requireSize(resolution, "resolution", atMost: 1 << 13)
        try TransformerConfigurationError.requireMultiple(resolution, of: downsampling, "resolution")
    }
}
