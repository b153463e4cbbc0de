import Tensors

/// y = activation(x·Wᵀ + b), with weight `[outputs, inputs]` and bias `[outputs]`.
public struct Linear {
    /// `[outputs, inputs]`, possibly with further axes of extent 1 (a convolution of kernel size 1).
    public let weight: Parameter
    /// `[outputs]`.
    public let bias: Parameter?

    /// Declares the layer's parameters, `weight` and `bias`.
    /// - Parameters:
    ///   - kernelAxes: how many axes of extent 1 the stored weight has after the two: 1 for a Conv1d, 2 for a Conv2d.
    ///   - initializer: of the weight; by default PyTorch's, which also gives the bias. With any other the bias is 0.
    public init(
        _ scope: ParameterScope,
        inputs: Int,
        outputs: Int,
        hasBias: Bool = true,
        kernelAxes: Int = 0,
        initializer: Initializer? = nil
    ) {
        let shape = [outputs, inputs] + Array(repeating: 1, count: kernelAxes)
        weight = scope.parameter("weight", shape, initializer ?? .fanIn(inputs))
        bias = hasBias ? scope.parameter("bias", [outputs], initializer == nil ? .fanIn(inputs) : .zeros) : nil
    }

    /// `x [..., inputs]` → `[..., outputs]`.
    public func callAsFunction(
        _ x: Variable,
        activation: Activation = .none,
        residual: Variable? = nil
    ) -> Variable {
        linear(
            x,
            weights: [weight],
            biases: bias.map { [$0] } ?? [],
            activation: activation,
            residual: residual
        )
    }
}
