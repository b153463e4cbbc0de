import Neural

/// A pre-normalised transformer block: x ← x + Proj(MHA(QKV(LN₁ x))), x ← x + Fc₂(GELU(Fc₁(LN₂ x))).
public struct TransformerBlock {
    private let attentionNorm: LayerNorm
    private let queryKeyValue: Linear
    private let projection: Linear
    private let perceptronNorm: LayerNorm
    private let expansion: Linear
    private let contraction: Linear
    private let heads: Int

    /// Declares `norm1`, `attn.qkv`, `attn.proj`, `norm2`, `mlp.fc1` and `mlp.fc2`.
    public init(_ scope: ParameterScope, width: Int, heads: Int, hiddenWidth: Int, epsilon: Float = 1e-5) {
        attentionNorm = LayerNorm(scope["norm1"], width: width, epsilon: epsilon)
        let attention = scope["attn"]
        queryKeyValue = Linear(attention["qkv"], inputs: width, outputs: 3 * width, initializer: .xavierUniform)
        projection = Linear(attention["proj"], inputs: width, outputs: width, initializer: .xavierUniform)
        perceptronNorm = LayerNorm(scope["norm2"], width: width, epsilon: epsilon)
        let perceptron = scope["mlp"]
        expansion = Linear(perceptron["fc1"], inputs: width, outputs: hiddenWidth, initializer: .xavierUniform)
        contraction = Linear(perceptron["fc2"], inputs: hiddenWidth, outputs: width, initializer: .xavierUniform)
        self.heads = heads
    }

    /// `x [B, N, width]` → the same shape.
    public func callAsFunction(_ x: Variable) -> Variable {
        let mixed = attention(qkv: queryKeyValue(attentionNorm(x)), heads: heads)
        let x = projection(mixed, residual: x)
        return contraction(expansion(perceptronNorm(x), activation: .gelu), residual: x)
    }
}
