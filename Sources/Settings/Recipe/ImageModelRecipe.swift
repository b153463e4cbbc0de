/// The label-conditional latent diffusion model, trained on the prior images.
public struct ImageModelRecipe: Sendable, Equatable {
    /// Whether it is trained; otherwise `start` must give its weights.
    public var isTrained = true
    /// A checkpoint to start from.
    public var start: String?
    /// Channels of the first level, a multiple of 32.
    public var channels = 192
    /// Channels of each level, as multiples of `channels`.
    public var multipliers = [1, 2, 3, 5]
    /// Residual blocks of each level.
    public var blocks = 2
    /// The downsampling factors of the levels with attention.
    public var attention = [2, 4, 8]
    /// Heads of every attention.
    public var heads = 1
    /// The width of the condition's tokens.
    public var contextWidth = 512
    /// The frequencies of sines and cosines that tell the UNet where it is; 0 for none, as published.
    ///
    /// They help a condition to say where in the image something is.
    public var positionFrequencies = 0
    /// The largest weight of a timestep in the error of the finished latents.
    ///
    /// 0 takes the error of the predicted noise in its place, as published.
    public var latentWeightLimit = 0.0
    /// How it is optimised.
    public var optimization = OptimizationRecipe()

    static var fields: [SettingsField<Self>] {
        [
            .value("train", \.isTrained, .flag),
            .optional("start", \.start, .path),
            .value("channels", \.channels, .integer(32...4096)),
            .value("multipliers", \.multipliers, .list(of: .integer(1...64))),
            .value("blocks", \.blocks, .integer(1...16)),
            .value("attention", \.attention, .list(of: .integer(1...64))),
            .value("heads", \.heads, .integer(1...64)),
            .value("contextWidth", \.contextWidth, .integer(8...4096)),
            .value("positionFrequencies", \.positionFrequencies, .integer(0...8)),
            .value("latentWeightLimit", \.latentWeightLimit, .number(0...1_000_000)),
            .section("optimization", \.optimization, OptimizationRecipe.fields),
        ]
    }
}
