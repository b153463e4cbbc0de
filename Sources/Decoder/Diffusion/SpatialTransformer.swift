import Neural
import Tensors

/// Keys and values of the condition for one cross-attention, `[B, tokens, width]` each.
struct CrossAttentionContext {
    let keys: Variable
    let values: Variable
}

/// Attention over the positions of an image and to the tokens of the condition.
struct SpatialTransformer {
    private let norm: GroupNorm
    private let inputProjection: Linear
    private let blocks: [ConditionedTransformerBlock]
    private let outputProjection: Linear

    init(_ scope: ParameterScope, channels: Int, configuration: UNetConfiguration) {
        norm = GroupNorm(scope["norm"], channels: channels, epsilon: 1e-6)
        inputProjection = Linear(scope["proj_in"], inputs: channels, outputs: channels, kernelAxes: 2)
        blocks = (0..<configuration.transformerDepth).map { index in
            ConditionedTransformerBlock(
                scope["transformer_blocks"][index],
                width: channels,
                heads: configuration.heads,
                contextWidth: configuration.contextWidth
            )
        }
        outputProjection = Linear(scope["proj_out"], inputs: channels, outputs: channels, kernelAxes: 2)
    }

    /// What of this module depends on the condition alone.
    func prepare(_ context: Variable) -> [CrossAttentionContext] { blocks.map { $0.prepare(context) } }

    /// `x [B, H, W, C]` → the same shape.
    func callAsFunction(_ x: Variable, _ contexts: ArraySlice<CrossAttentionContext>) -> Variable {
        let shape = x.shape
        var tokens = inputProjection(norm(x)).reshaped([shape[0], shape[1] * shape[2], shape[3]])
        for (block, context) in zip(blocks, contexts) { tokens = block(tokens, context) }
        return outputProjection(tokens.reshaped(shape), residual: x)
    }
}

/// Self-attention, attention to the condition and a gated feed-forward layer, each behind a LayerNorm and with a residual.
struct ConditionedTransformerBlock {
    private let norms: [LayerNorm]
    private let selfProjections: [Parameter]
    private let selfOutput: Linear
    private let queryProjection: Parameter
    private let contextProjections: [Parameter]
    private let crossOutput: Linear
    private let gate: Linear
    private let feedForwardOutput: Linear
    private let heads: Int

    init(_ scope: ParameterScope, width: Int, heads: Int, contextWidth: Int) {
        self.heads = heads
        func projections(_ scope: ParameterScope, _ names: [String], inputs: Int) -> [Parameter] {
            names.map { Linear(scope[$0], inputs: inputs, outputs: width, hasBias: false).weight }
        }
        selfProjections = projections(scope["attn1"], ["to_q", "to_k", "to_v"], inputs: width)
        selfOutput = Linear(scope["attn1"]["to_out"][0], inputs: width, outputs: width)
        gate = Linear(scope["ff"]["net"][0]["proj"], inputs: width, outputs: 8 * width)
        feedForwardOutput = Linear(scope["ff"]["net"][2], inputs: 4 * width, outputs: width)
        queryProjection = Linear(scope["attn2"]["to_q"], inputs: width, outputs: width, hasBias: false).weight
        contextProjections = projections(scope["attn2"], ["to_k", "to_v"], inputs: contextWidth)
        crossOutput = Linear(scope["attn2"]["to_out"][0], inputs: width, outputs: width)
        norms = (1...3).map { LayerNorm(scope["norm\($0)"], width: width, epsilon: 1e-5) }
    }

    func prepare(_ context: Variable) -> CrossAttentionContext {
        CrossAttentionContext(
            keys: linear(context, weights: [contextProjections[0]]),
            values: linear(context, weights: [contextProjections[1]])
        )
    }

    /// `x [B, N, C]` → the same shape.
    func callAsFunction(_ x: Variable, _ context: CrossAttentionContext) -> Variable {
        let selfAttention = attention(qkv: linear(norms[0](x), weights: selfProjections), heads: heads)
        let attended = selfOutput(selfAttention, residual: x)
        let queries = linear(norms[1](attended), weights: [queryProjection])
        let crossAttention = attention(queries, context.keys, context.values, heads: heads)
        let informed = crossOutput(crossAttention, residual: attended)
        return feedForwardOutput(geglu(gate(norms[2](informed))), residual: informed)
    }
}
