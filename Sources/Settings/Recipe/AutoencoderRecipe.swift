/// The vector-quantising autoencoder, trained on the prior images.
public struct AutoencoderRecipe: Sendable, Equatable {
    /// Whether it is trained; otherwise `start` must give its weights.
    public var isTrained = true
    /// A checkpoint to start from.
    public var start: String?
    /// Channels of the finest level, a multiple of 32.
    public var channels = 128
    /// Channels of each level, as multiples of `channels`, finest first.
    public var multipliers = [1, 2, 4]
    /// Residual blocks of each level.
    public var blocks = 2
    /// The number of codes.
    public var codes = 8192
    /// Channels of a code.
    public var codeChannels = 3
    /// The share of the training after which latents are quantised; the codes start as typical latents then.
    public var quantizeFrom = 0.3
    /// How it is optimised.
    public var optimization = OptimizationRecipe()

    static var fields: [SettingsField<Self>] {
        [
            .value("train", \.isTrained, .flag),
            .optional("start", \.start, .path),
            .value("channels", \.channels, .integer(32...4096)),
            .value("multipliers", \.multipliers, .list(of: .integer(1...64))),
            .value("blocks", \.blocks, .integer(1...16)),
            .value("codes", \.codes, .integer(2...(1 << 20))),
            .value("codeChannels", \.codeChannels, .integer(1...64)),
            .value("quantizeFrom", \.quantizeFrom, .number(0...0.9)),
            .section("optimization", \.optimization, OptimizationRecipe.fields),
        ]
    }
}
