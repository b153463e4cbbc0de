/// The second phase: tuning with cross-modal guidance.
public struct CrossModalRecipe: Sendable, Equatable {
    /// Whether the phase is trained; without it the encoder is that of the first phase.
    public var isTrained = true
    /// The weight of the pattern's reconstruction.
    public var fmriWeight = 0.25
    /// The weight of the image's reconstruction.
    public var imageWeight = 1.5
    /// The share of the pattern's patches that is hidden.
    public var fmriMaskRatio = 0.75
    /// The share of the image's patches that is hidden.
    public var imageMaskRatio = 0.5
    /// The blocks of both decoders.
    public var decoderDepth = 6
    /// The layers of cross-attention on either side.
    public var crossDepth = 3
    /// Whether the position table of the image decoder is trained too, as the reference does by accident.
    public var trainsDecoderPositions = false
    /// How it is optimised.
    public var optimization = OptimizationRecipe()

    static var fields: [SettingsField<Self>] {
        [
            .value("train", \.isTrained, .flag),
            .value("fmriWeight", \.fmriWeight, .number(0...1000)),
            .value("imageWeight", \.imageWeight, .number(0...1000)),
            .value("fmriMaskRatio", \.fmriMaskRatio, .number(0...0.99)),
            .value("imageMaskRatio", \.imageMaskRatio, .number(0...0.99)),
            .value("decoderDepth", \.decoderDepth, .integer(0...256)),
            .value("crossDepth", \.crossDepth, .integer(0...256)),
            .value("trainsDecoderPositions", \.trainsDecoderPositions, .flag),
            .section("optimization", \.optimization, OptimizationRecipe.fields),
        ]
    }
}
