import Neural

/// A layer of the ViT-MAE, optionally with a second attention to a context of another modality.
///
/// Plain: x ← x + Attention(LN_b x). With context, the attended values of that become queries of a second attention, in
/// the same residual branch and through the same norm: x ← x + CrossAttention(LN_b(Attention(LN_b x)), context). Then
/// x ← x + Dense₂(GELU(Dense₁(LN_a x))).
public struct VisionTransformerLayer {
    private let attention: VisionAttention
    private let crossAttention: VisionAttention?
    private let expansion: Linear
    private let contraction: Linear
    private let normBefore: LayerNorm
    private let normAfter: LayerNorm

    /// Declares `attention`, `cross_attention` where there is one, `intermediate.dense`, `output.dense`,
    /// `layernorm_before` and `layernorm_after`.
    public init(
        _ scope: ParameterScope,
        width: Int,
        heads: Int,
        hiddenWidth: Int,
        attendsToContext: Bool = false,
        epsilon: Float = 1e-12,
        initializer: Initializer = .normal(deviation: 0.02)
    ) {
        attention = VisionAttention(scope["attention"], width: width, heads: heads, initializer: initializer)
        crossAttention =
            attendsToContext
            ? VisionAttention(scope["cross_attention"], width: width, heads: heads, initializer: initializer) : nil
        expansion = Linear(
            scope["intermediate"]["dense"],
            inputs: width,
            outputs: hiddenWidth,
            initializer: initializer
        )
        contraction = Linear(scope["output"]["dense"], inputs: hiddenWidth, outputs: width, initializer: initializer)
        normBefore = LayerNorm(scope["layernorm_before"], width: width, epsilon: epsilon)
        normAfter = LayerNorm(scope["layernorm_after"], width: width, epsilon: epsilon)
    }

    /// `x [B, N, width]` → the same shape; `context [B, M, width]` for a layer that attends to one.
    public func callAsFunction(_ x: Variable, context: Variable? = nil) -> Variable {
        precondition((context == nil) == (crossAttention == nil), "A context goes with a layer that attends to it.")
        var mixed = x
        if let crossAttention, let context {
            mixed = crossAttention(normBefore(attention(normBefore(x))), context: context, residual: x)
        } else {
            mixed = attention(normBefore(x), residual: x)
        }
        return contraction(expansion(normAfter(mixed), activation: .gelu), residual: mixed)
    }
}

/// Multi-head attention with separate queries, keys and values: `attention.{query,key,value}`, `output.dense`.
struct VisionAttention {
    private let query: Linear
    private let key: Linear
    private let value: Linear
    private let output: Linear
    private let heads: Int

    init(_ scope: ParameterScope, width: Int, heads: Int, initializer: Initializer) {
        let inner = scope["attention"]
        query = Linear(inner["query"], inputs: width, outputs: width, initializer: initializer)
        key = Linear(inner["key"], inputs: width, outputs: width, initializer: initializer)
        value = Linear(inner["value"], inputs: width, outputs: width, initializer: initializer)
        output = Linear(scope["output"]["dense"], inputs: width, outputs: width, initializer: initializer)
        self.heads = heads
    }

    /// Attention of `x [B, N, width]` to itself or to `context [B, M, width]`, with `residual` added.
    func callAsFunction(_ x: Variable, context: Variable? = nil, residual: Variable? = nil) -> Variable {
        if let context {
            return output(attention(query(x), key(context), value(context), heads: heads), residual: residual)
        }
        let parts = [query, key, value]
        let joined = linear(x, weights: parts.map(\.weight), biases: parts.compactMap(\.bias))
        return output(attention(qkv: joined, heads: heads), residual: residual)
    }
}
