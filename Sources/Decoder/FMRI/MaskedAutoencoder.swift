import Neural
import Tensors

/// The masked autoencoder of voxel patterns (Chen et al.
///
/// 2023; Sun et al. 2023), of both training phases.
///
/// A pattern is cut into patches; the encoder sees some of them and the decoder reconstructs all. With a
/// cross-attention configuration the encoder can attend to image features behind its own blocks.
public struct MaskedAutoencoder {
    /// The sizes.
    public let configuration: MaskedAutoencoderConfiguration
    private let classToken: Parameter
    private let positions: Parameter
    private let maskToken: Parameter
    private let decoderPositions: Parameter
    private let patchEmbedding: PatternEmbedding
    private let blocks: [TransformerBlock]
    private let crossModal: CrossModalBranch?
    private let norm: LayerNorm
    private let decoderEmbedding: Linear
    private let decoderBlocks: [TransformerBlock]
    private let decoderNorm: LayerNorm
    private let prediction: Linear

    /// Declares the parameters under the names of the reference's state dict.
    public init(_ configuration: MaskedAutoencoderConfiguration, _ scope: ParameterScope) {
        self.configuration = configuration
        let (width, decoderWidth) = (configuration.width, configuration.decoderWidth)
        let patches = configuration.patches
        classToken = scope.parameter("cls_token", [1, 1, width], .normal(deviation: 0.02))
        positions = scope.positionTable("pos_embed", positions: patches, width: width)
        maskToken = scope.parameter("mask_token", [1, 1, decoderWidth], .normal(deviation: 0.02))
        decoderPositions = scope.positionTable("decoder_pos_embed", positions: patches, width: decoderWidth)
        patchEmbedding = PatternEmbedding(scope["patch_embed"], patchSize: configuration.patchSize, width: width)
        blocks = (0..<configuration.depth).map { index in
            TransformerBlock(
                scope["blocks"][index],
                width: width,
                heads: configuration.heads,
                hiddenWidth: Int(Double(width) * configuration.hiddenRatio)
            )
        }
        crossModal = configuration.crossAttention.map { CrossModalBranch(scope, width: width, configuration: $0) }
        norm = LayerNorm(scope["norm"], width: width, epsilon: 1e-5)
        decoderEmbedding = Linear(
            scope["decoder_embed"],
            inputs: width,
            outputs: decoderWidth,
            initializer: .xavierUniform
        )
        decoderBlocks = (0..<configuration.decoderDepth).map { index in
            TransformerBlock(
                scope["decoder_blocks"][index],
                width: decoderWidth,
                heads: configuration.decoderHeads,
                hiddenWidth: Int(Double(decoderWidth) * configuration.hiddenRatio)
            )
        }
        decoderNorm = LayerNorm(scope["decoder_norm"], width: decoderWidth, epsilon: 1e-5)
        prediction = Linear(
            scope["decoder_pred"],
            inputs: decoderWidth,
            outputs: configuration.patchSize,
            initializer: .xavierUniform
        )
    }

    /// The two position tables, which are not trained.
    public var positionTables: [Parameter] { [positions, decoderPositions] }

    /// Patterns `[B, 1, V]` as patches `[B, L, P]`, without copying.
    public func patches(of patterns: Tensor) -> Tensor {
        patterns.reshaped([patterns.shape[0], configuration.patches, configuration.patchSize])
    }

    /// The embedding of every patch before positions are added, `[B, 1, V]` → `[B, L, D]`.
    public func patchTokens(_ patterns: Tensor) -> Variable {
        patchEmbedding(Variable(patches(of: patterns)))
    }

    /// One block of the encoder by itself.
    public func block(_ index: Int) -> TransformerBlock { blocks[index] }

    /// One cross-attention block by itself, or nil where there is none of that number.
    public func crossBlock(_ index: Int) -> VisionTransformerLayer? { crossModal?.block(index) }

    /// The sequence that enters the first block: class token and visible patches with positions, `[B, 1 + K, D]`.
    public func sequence(_ patterns: Tensor, _ selection: PatchSelection) -> Variable {
        let table = positions.variable
        let visible = gatherTokens(Variable(patches(of: patterns)), selection.kept)
        let tokens = patchEmbedding(
            visible,
            residual: gatherTokens(table, selection.kept.map { $0.map { $0 + 1 } })
        )
        let first = classToken.variable + sliceTokens(table, 0..<1)
        return concatenateTokens([repeatToken(first, batch: tokens.shape[0], count: 1), tokens])
    }

    /// The encoder.
    ///
    /// - Parameters:
    ///   - patterns: `[B, 1, V]`.
    ///   - selection: the visible patches.
    ///   - imageFeatures: `[B, M, cross width]`, or nil to leave the cross-attention branch out.
    /// - Returns: `[B, 1 + K, D]`, the class token first, patches in the order of the selection.
    public func encode(
        _ patterns: Tensor,
        _ selection: PatchSelection,
        imageFeatures: Variable? = nil
    ) -> Variable {
        var x = sequence(patterns, selection)
        for block in blocks { x = block(x) }
        if let imageFeatures {
            precondition(crossModal != nil, "This network has no cross-attention blocks.")
            x = crossModal?(x, context: imageFeatures) ?? x
        }
        return norm(x)
    }

    /// The decoder: the prediction of every patch, visible or not, `[B, 1 + K, D]` → `[B, L, P]`.
    public func decode(_ latent: Variable, _ selection: PatchSelection) -> Variable {
        var x = restored(decoderEmbedding(latent), maskToken: maskToken.variable, selection)
        x = addBroadcast(x, decoderPositions.variable.reshaped([x.shape[1], x.shape[2]]))
        for block in decoderBlocks { x = block(x) }
        return sliceTokens(prediction(decoderNorm(x)), 1..<x.shape[1])
    }

    /// The mean squared error of the hidden patches, averaged over all of them; 0 when none is hidden.
    public func reconstructionLoss(_ prediction: Variable, of patterns: Tensor, _ selection: PatchSelection) -> Variable
    {
        maskedMeanSquaredError(prediction, patches(of: patterns), mask: selection.mask)
    }
}

/// The tokens of visible patches back at their places, the mask token at all others, the class token in front.
///
/// - Parameters:
///   - tokens: `[B, 1 + K, C]`.
///   - maskToken: `[1, 1, C]`.
/// - Returns: `[B, 1 + L, C]`.
func restored(_ tokens: Variable, maskToken: Variable, _ selection: PatchSelection) -> Variable {
    let kept = tokens.shape[1] - 1
    let extended = concatenateTokens([tokens, repeatToken(maskToken, batch: tokens.shape[0], count: 1)])
    return gatherTokens(extended, selection.restore.map { places in [0] + places.map { min($0, kept) + 1 } })
}

/// The patch embedding of patterns, a convolution whose stride is its kernel size: `proj`, weight `[D, 1, P]`.
struct PatternEmbedding {
    private let weight: Parameter
    private let bias: Parameter

    init(_ scope: ParameterScope, patchSize: Int, width: Int) {
        weight = scope["proj"].parameter("weight", [width, 1, patchSize], .normal(deviation: 0.02))
        bias = scope["proj"].parameter("bias", [width], .zeros)
    }

    /// `[B, N, P]` → `[B, N, D]`, with `residual` added.
    func callAsFunction(_ patches: Variable, residual: Variable? = nil) -> Variable {
        linear(patches, weights: [weight], biases: [bias], residual: residual)
    }
}

extension ParameterScope {
    /// Declares a sine–cosine table `[1, positions + 1, width]`.
    func positionTable(_ name: String, positions: Int, width: Int) -> Parameter {
        parameter(
            name,
            [1, positions + 1, width],
            .table { PositionTable.sequence(positions: positions, width: width) }
        )
    }
}
