/// The first phase: the double-contrastive masked autoencoder of patterns.
public struct PretrainingRecipe: Sendable, Equatable {
    /// Which weights the two losses have.
    public enum Objective: String, Sendable, CaseIterable {
        /// Reconstruction, and contrast at the weights that the published code computes with.
        case standard
        /// What the published command computes: contrast alone, 0.25 self and 0.25 cross.
        case referenceEffective = "reference-effective"
        /// What the published command asks for: contrast alone, self 1 and cross 0.5.
        case referenceRequested = "reference-requested"
        /// What the paper describes: contrast alone, both reconstructions in the self-contrast.
        case paper
        /// Reconstruction alone.
        case reconstruction
    }

    /// Whether the phase is trained; without it the encoder starts from `start` or at random.
    public var isTrained = true
    /// A checkpoint to start from.
    public var start: String?
    /// The width of the encoder.
    public var width = 1024
    /// The blocks of the encoder.
    public var depth = 24
    /// The attention heads of the encoder.
    public var heads = 16
    /// The width of the decoder.
    public var decoderWidth = 512
    /// The blocks of the decoder.
    public var decoderDepth = 8
    /// The attention heads of the decoder.
    public var decoderHeads = 16
    /// The hidden width of the perceptrons, relative to the width.
    public var hiddenRatio = 1.0
    /// The share of patches that is hidden.
    public var maskRatio = 0.75
    /// The losses.
    public var objective = Objective.standard
    /// Which vectors are the negatives of the self-contrast: the batch's other patterns, or its other reconstructions.
    public var pairedNegatives = false
    /// How it is optimised.
    public var optimization = OptimizationRecipe()

    static var fields: [SettingsField<Self>] {
        [
            .value("train", \.isTrained, .flag),
            .optional("start", \.start, .path),
            .value("width", \.width, .integer(2...8192)),
            .value("depth", \.depth, .integer(0...256)),
            .value("heads", \.heads, .integer(1...256)),
            .value("decoderWidth", \.decoderWidth, .integer(2...8192)),
            .value("decoderDepth", \.decoderDepth, .integer(0...256)),
            .value("decoderHeads", \.decoderHeads, .integer(1...256)),
            .value("hiddenRatio", \.hiddenRatio, .number(0.125...64)),
            .value("maskRatio", \.maskRatio, .number(0...0.99)),
            .value("objective", \.objective, .word),
            .value("pairedNegatives", \.pairedNegatives, .flag),
            .section("optimization", \.optimization, OptimizationRecipe.fields),
        ]
    }
}
