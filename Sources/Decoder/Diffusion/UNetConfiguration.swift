/// The sizes of a denoising UNet.
public struct UNetConfiguration: Sendable, Hashable, Codable {
    /// Height and width of the latent.
    ///
    /// The network works on any size that its downsampling divides.
    public var latentSize = 64
    /// Channels of the noisy latent.
    public var inputChannels = 3
    /// Channels of the result.
    public var outputChannels = 3
    /// Channels of the first level.
    public var modelChannels = 192
    /// Channels of each level, as multiples of `modelChannels`.
    public var channelMultipliers = [1, 2, 3, 5]
    /// Residual blocks of each level of the downward path.
    public var residualBlocks = 2
    /// The downsampling factors of the levels with attention.
    public var attentionResolutions = [2, 4, 8]
    /// Heads of every attention.
    public var heads = 1
    /// Transformer blocks at each place with attention.
    public var transformerDepth = 1
    /// The width of the condition's tokens.
    public var contextWidth = 512
    /// How the condition enters the time embedding.
    public var timeConditioning = TimeConditioning.tokens(77)
    /// The frequencies of sines and cosines that tell the network where it is, as further input channels; nil for none, as
    /// published.
    public var positionFrequencies: Int?

    /// How the condition enters the time embedding.
    public enum TimeConditioning: Sendable, Hashable, Codable {
        /// Not at all: the label-to-image model.
        case none
        /// All tokens, mapped to one along the sequence.
        case tokens(Int)
        /// The single token of a pooled condition.
        case pooled
    }

    /// The published model.
    public init() {}

    /// The input channels of the first convolution: those of the latent, then those that tell positions.
    var firstChannels: Int { inputChannels + PositionChannels.count(frequencies: positionFrequencies ?? 0) }

    /// The width of the time embedding.
    public var timeWidth: Int { 4 * modelChannels }

    /// Checks that the sizes fit together.
    ///
    /// Throws ``TransformerConfigurationError``.
    public func validate() throws {
        try TransformerConfigurationError.requireSize(modelChannels, "model_channels", atMost: 1 << 16)
        try TransformerConfigurationError.requireSize(contextWidth, "context_dim", atMost: 1 << 16)
        try TransformerConfigurationError.requireSize(residualBlocks, "num_res_blocks", atMost: 64)
        try TransformerConfigurationError.requireSize(channelMultipliers.count, "levels", atMost: 16)
        for multiplier in channelMultipliers {
            try TransformerConfigurationError.requireSize(multiplier, "channel_mult", atMost: 1 << 10)
        }
        // Every GroupNorm has 32 groups, and the time embedding has a sine for each cosine.
        try TransformerConfigurationError.requireMultiple(modelChannels, of: 32, "model_channels")
        try TransformerConfigurationError.requireSize(heads, "num_heads", atMost: 1 << 10)
        for multiplier in channelMultipliers {
            try TransformerConfigurationError.requireMultiple(modelChannels * multiplier, of: heads, "channels")
        }
        try TransformerConfigurationError.requireSize(transformerDepth, "transformer_depth", atMost: 64)
        try TransformerConfigurationError.requireSize(inputChannels, "in_channels", atMost: 1 << 12)
        try TransformerConfigurationError.requireSize(outputChannels, "out_channels", atMost: 1 << 12)
        try TransformerConfigurationError.requireSize(latentSize, "image_size", atMost: 1 << 12)
        try TransformerConfigurationError.requireSize(
            positionFrequencies ?? 0,
            "position frequencies",
            atMost: 16,
            allowZero: true
        )
        let factor = 1 << (channelMultipliers.count - 1)
        try TransformerConfigurationError.requireMultiple(latentSize, of: factor, "image_size")
        if case .tokens(let tokens) = timeConditioning {
            try TransformerConfigurationError.requireSize(tokens / 2, "half the condition's tokens", atMost: 1 << 16)
        }
    }
}
