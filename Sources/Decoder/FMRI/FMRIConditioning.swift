import Neural
import Tensors

/// The sizes of the network that turns patterns into the condition of the latent-diffusion model.
public struct FMRIConditioningConfiguration: Sendable, Hashable, Codable {
    /// The encoder.
    public var encoder: FMRIEncoderConfiguration
    /// The tokens of the condition.
    public var tokens: Int
    /// The width of the condition.
    public var contextWidth: Int

    /// Makes a configuration; the defaults are those of the published model.
    public init(encoder: FMRIEncoderConfiguration, tokens: Int = 77, contextWidth: Int = 512) {
        self.encoder = encoder
        self.tokens = tokens
        self.contextWidth = contextWidth
    }

    /// Checks that the sizes fit together.
    /// - Throws: ``TransformerConfigurationError``.
    public func validate() throws {
        try encoder.validate()
        try TransformerConfigurationError.requireSize(encoder.patches / 2, "half the number of patches")
        try TransformerConfigurationError.requireSize(tokens, "condition tokens", atMost: 1 << 16)
        try TransformerConfigurationError.requireSize(contextWidth, "context_dim", atMost: 1 << 16)
    }
}

/// The condition of the latent-diffusion model: the encoder's tokens, mapped L → ⌊L/2⌋ → 77 along the sequence and then
/// from the encoder's width to the context's.
///
/// A pooled encoder gives a single token, to which the maps along the sequence do not apply.
public struct FMRIConditioning {
    /// The sizes.
    public let configuration: FMRIConditioningConfiguration
    /// The encoder.
    public let encoder: FMRIEncoder
    private let channelMappers: [Linear]
    private let widthMapper: Linear

    /// Declares `mae.*`, `channel_mapper.0`, `channel_mapper.1` and `dim_mapper`; in a fine-tuned checkpoint they stand
    /// below `cond_stage_model`.
    public init(_ configuration: FMRIConditioningConfiguration, _ scope: ParameterScope) {
        self.configuration = configuration
        encoder = FMRIEncoder(configuration.encoder, scope["mae"])
        let mapper = scope["channel_mapper"]
        let patches = configuration.encoder.patches
        channelMappers =
            configuration.encoder.pooling == .mean
            ? []
            : [
                Linear(mapper[0], inputs: patches, outputs: patches / 2, kernelAxes: 1),
                Linear(mapper[1], inputs: patches / 2, outputs: configuration.tokens, kernelAxes: 1),
            ]
        widthMapper = Linear(
            scope["dim_mapper"],
            inputs: configuration.encoder.width,
            outputs: configuration.contextWidth
        )
    }

    /// Patterns `[B, 1, V]` → condition `[B, 77, 512]`.
    public func callAsFunction(_ patterns: Tensor) -> Variable {
        mapWidth(mapSequence(encoder(patterns)))
    }

    /// The maps along the sequence, `[B, L, D]` → `[B, 77, D]`.
    public func mapSequence(_ tokens: Variable) -> Variable {
        guard !channelMappers.isEmpty else { return tokens }
        return transposed(channelMappers.reduce(transposed(tokens)) { $1($0) })
    }

    /// The map of the width, `[B, N, D]` → `[B, N, 512]`.
    public func mapWidth(_ tokens: Variable) -> Variable {
        widthMapper(tokens)
    }
}
