/// The masked autoencoder of images that guides the second phase, trained on the prior images.
public struct ImageAutoencoderRecipe: Sendable, Equatable {
    /// Whether it is trained; otherwise `start` must give its weights.
    public var isTrained = true
    /// A checkpoint to start from.
    public var start: String?
    /// Height and width of its images.
    public var imageSize = 224
    /// Height and width of a patch.
    public var patchSize = 16
    /// The width of the encoder.
    public var width = 768
    /// The layers of the encoder.
    public var depth = 12
    /// The attention heads of the encoder.
    public var heads = 12
    /// The width of the decoder.
    public var decoderWidth = 512
    /// The layers of the decoder in its own training.
    public var decoderDepth = 8
    /// The attention heads of the decoder.
    public var decoderHeads = 16
    /// The share of patches that is hidden in its own training.
    public var maskRatio = 0.75
    /// How it is optimised.
    public var optimization = OptimizationRecipe()

    static var fields: [SettingsField<Self>] {
        [
            .value("train", \.isTrained, .flag),
            .optional("start", \.start, .path),
            .value("imageSize", \.imageSize, .integer(4...4096)),
            .value("patchSize", \.patchSize, .integer(1...256)),
            .value("width", \.width, .integer(4...8192)),
            .value("depth", \.depth, .integer(0...256)),
            .value("heads", \.heads, .integer(1...256)),
            .value("decoderWidth", \.decoderWidth, .integer(4...8192)),
            .value("decoderDepth", \.decoderDepth, .integer(0...256)),
            .value("decoderHeads", \.decoderHeads, .integer(1...256)),
            .value("maskRatio", \.maskRatio, .number(0...0.99)),
            .section("optimization", \.optimization, OptimizationRecipe.fields),
        ]
    }
}
