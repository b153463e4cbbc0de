import Neural
import Tensors

/// Two convolutions with a shortcut around them.
struct VQResidualBlock {
    private let norms: [GroupNorm]
    private let convolutions: [Convolution2D]
    private let shortcut: Linear?

    init(_ scope: ParameterScope, inputs: Int, outputs: Int) {
        norms = [
            GroupNorm(scope["norm1"], channels: inputs, epsilon: 1e-6),
            GroupNorm(scope["norm2"], channels: outputs, epsilon: 1e-6),
        ]
        convolutions = [
            Convolution2D(scope["conv1"], inputs: inputs, outputs: outputs, geometry: .same3x3),
            Convolution2D(scope["conv2"], inputs: outputs, outputs: outputs, geometry: .same3x3),
        ]
        shortcut =
            inputs == outputs ? nil : Linear(scope["nin_shortcut"], inputs: inputs, outputs: outputs, kernelAxes: 2)
    }

    /// `x [B, H, W, inputs]` → `[B, H, W, outputs]`.
    func callAsFunction(_ x: Variable) -> Variable {
        let h = convolutions[0](norms[0](x, activation: .silu))
        return convolutions[1](norms[1](h, activation: .silu), residual: shortcut.map { $0(x) } ?? x)
    }
}

/// Single-head attention over the positions of an image.
struct VQAttentionBlock {
    private let norm: GroupNorm
    private let projections: [Linear]
    private let output: Linear

    init(_ scope: ParameterScope, channels: Int) {
        norm = GroupNorm(scope["norm"], channels: channels, epsilon: 1e-6)
        projections = ["q", "k", "v"].map { Linear(scope[$0], inputs: channels, outputs: channels, kernelAxes: 2) }
        output = Linear(scope["proj_out"], inputs: channels, outputs: channels, kernelAxes: 2)
    }

    /// `x [B, H, W, C]` → the same shape.
    func callAsFunction(_ x: Variable) -> Variable {
        let shape = x.shape
        let tokens = norm(x).reshaped([shape[0], shape[1] * shape[2], shape[3]])
        let qkv = linear(tokens, weights: projections.map(\.weight), biases: projections.compactMap(\.bias))
        return output(attention(qkv: qkv, heads: 1).reshaped(shape), residual: x)
    }
}

/// A residual block with the attention that may follow it.
struct VQLevelBlock {
    private let block: VQResidualBlock
    private let attention: VQAttentionBlock?

    init(_ scope: ParameterScope, index: Int, inputs: Int, outputs: Int, hasAttention: Bool) {
        block = VQResidualBlock(scope["block"][index], inputs: inputs, outputs: outputs)
        attention = hasAttention ? VQAttentionBlock(scope["attn"][index], channels: outputs) : nil
    }

    func callAsFunction(_ x: Variable) -> Variable {
        let h = block(x)
        return attention.map { $0(h) } ?? h
    }
}

/// The coarsest part of encoder and decoder: two residual blocks around attention.
struct VQMiddle {
    private let first: VQResidualBlock
    private let attention: VQAttentionBlock
    private let second: VQResidualBlock

    init(_ scope: ParameterScope, channels: Int) {
        first = VQResidualBlock(scope["block_1"], inputs: channels, outputs: channels)
        attention = VQAttentionBlock(scope["attn_1"], channels: channels)
        second = VQResidualBlock(scope["block_2"], inputs: channels, outputs: channels)
    }

    func callAsFunction(_ x: Variable) -> Variable { second(attention(first(x))) }
}
