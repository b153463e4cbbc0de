import Tensors

/// LayerNorm over the last axis, with weight and bias `[width]`.
public struct LayerNorm {
    /// `[width]`.
    public let weight: Parameter
    /// `[width]`.
    public let bias: Parameter
    /// Added to the variance.
    public let epsilon: Float

    /// Declares the layer's parameters, `weight` = 1 and `bias` = 0.
    public init(_ scope: ParameterScope, width: Int, epsilon: Float) {
        weight = scope.parameter("weight", [width], .ones)
        bias = scope.parameter("bias", [width], .zeros)
        self.epsilon = epsilon
    }

    /// `x [..., width]` → the same shape.
    public func callAsFunction(_ x: Variable) -> Variable {
        layerNorm(x, weight: weight.variable, bias: bias.variable, epsilon: epsilon)
    }
}

/// GroupNorm of channel-last images with an optional activation, with weight and bias `[channels]`.
public struct GroupNorm {
    /// `[channels]`.
    public let weight: Parameter
    /// `[channels]`.
    public let bias: Parameter
    /// The number of groups of consecutive channels.
    public let groups: Int
    /// Added to the variance.
    public let epsilon: Float

    /// Declares the layer's parameters, `weight` = 1 and `bias` = 0.
    public init(_ scope: ParameterScope, channels: Int, groups: Int = 32, epsilon: Float) {
        precondition(channels % groups == 0, "\(channels) channels do not form \(groups) groups.")
        weight = scope.parameter("weight", [channels], .ones)
        bias = scope.parameter("bias", [channels], .zeros)
        self.groups = groups
        self.epsilon = epsilon
    }

    /// `x [B, ..., channels]` → the same shape.
    public func callAsFunction(_ x: Variable, activation: Activation = .none) -> Variable {
        groupNorm(
            x,
            groups: groups,
            weight: weight.variable,
            bias: bias.variable,
            epsilon: epsilon,
            activation: activation
        )
    }
}
