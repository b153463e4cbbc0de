import Neural
import Tensors

/// The sizes of the fMRI encoder used for decoding; the defaults are those of the published model.
public struct FMRIEncoderConfiguration: Sendable, Hashable, Codable {
    /// What the encoder hands on.
    public enum Pooling: String, Sendable, Hashable, Codable {
        /// The normalised token of every patch, `[B, L, D]`.
        case tokens
        /// The normalised mean of the tokens, `[B, 1, D]`.
        case mean
    }

    /// The voxels V of a pattern, a multiple of `patchSize`.
    public var voxels: Int
    /// The voxels P of a patch.
    public var patchSize: Int
    /// The width D.
    public var width: Int
    /// The number of blocks.
    public var depth: Int
    /// The attention heads.
    public var heads: Int
    /// The hidden width of the blocks' perceptrons, relative to the width.
    public var hiddenRatio: Double
    /// What the encoder hands on.
    public var pooling: Pooling

    /// Makes a configuration.
    public init(
        voxels: Int,
        patchSize: Int = 16,
        width: Int = 1024,
        depth: Int = 24,
        heads: Int = 16,
        hiddenRatio: Double = 1,
        pooling: Pooling = .tokens
    ) {
        self.voxels = voxels
        self.patchSize = patchSize
        self.width = width
        self.depth = depth
        self.heads = heads
        self.hiddenRatio = hiddenRatio
        self.pooling = pooling
    }

    /// The patches L of a pattern.
    public var patches: Int { voxels / patchSize }

    /// Checks that the sizes fit together.
    /// - Throws: ``TransformerConfigurationError``.
    public func validate() throws {
        typealias Complaint = TransformerConfigurationError
        try Complaint.requireSize(patchSize, "patch_size", atMost: 1 << 16)
        try Complaint.requireSize(voxels, "num_voxels")
        try Complaint.requireMultiple(voxels, of: patchSize, "num_voxels")
        try Complaint.requireSize(width, "embed_dim", atMost: 1 << 16)
        try Complaint.requireSize(depth, "depth", atMost: 1024, allowZero: true)
        try Complaint.requireSize(heads, "num_heads", atMost: 1 << 16)
        try Complaint.requireMultiple(width, of: heads, "embed_dim")
        try Complaint.requireMultiple(width, of: 2, "embed_dim")
        try Complaint.requireRatio(hiddenRatio, "mlp_ratio", in: 1 / Double(width)...64)
    }
}

/// The fMRI encoder used for decoding: every patch of a pattern, no class token, no masking.
public struct FMRIEncoder {
    /// The sizes.
    public let configuration: FMRIEncoderConfiguration
    private let patchEmbedding: PatternEmbedding
    private let positions: Parameter
    private let blocks: [TransformerBlock]
    private let norm: LayerNorm

    /// Declares the parameters under the names of the reference's state dict, the unused `cls_token` and `mask_token`
    /// included.
    public init(_ configuration: FMRIEncoderConfiguration, _ scope: ParameterScope) {
        self.configuration = configuration
        let width = configuration.width
        _ = scope.parameter("cls_token", [1, 1, width], .normal(deviation: 0.02))
        positions = scope.positionTable("pos_embed", positions: configuration.patches, width: width)
        _ = scope.parameter("mask_token", [1, 1, width], .normal(deviation: 0.02))
        patchEmbedding = PatternEmbedding(scope["patch_embed"], patchSize: configuration.patchSize, width: width)
        blocks = (0..<configuration.depth).map { index in
            TransformerBlock(
                scope["blocks"][index],
                width: width,
                heads: configuration.heads,
                hiddenWidth: Int(Double(width) * configuration.hiddenRatio)
            )
        }
        norm = LayerNorm(scope["norm"], width: width, epsilon: 1e-5)
    }

    /// Patterns `[B, 1, V]` → `[B, L, D]`, or `[B, 1, D]` when pooled.
    public func callAsFunction(_ patterns: Tensor) -> Variable {
        let batch = patterns.shape[0]
        let patches = patterns.reshaped([batch, configuration.patches, configuration.patchSize])
        let places = Array(1...configuration.patches)
        let table = gatherTokens(positions.variable, Array(repeating: places, count: batch))
        var x = patchEmbedding(Variable(patches), residual: table)
        for block in blocks { x = block(x) }
        return norm(configuration.pooling == .mean ? meanOverTokens(x) : x)
    }
}
