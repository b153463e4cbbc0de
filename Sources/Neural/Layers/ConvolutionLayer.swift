import Tensors

/// A two-dimensional convolution of channel-last images, with weight `[outputs, inputs, k, k]` and bias `[outputs]`.
public struct Convolution2D {
    /// `[outputs, inputs, k, k]`.
    public let weight: Parameter
    /// `[outputs]`.
    public let bias: Parameter?
    /// Kernel size, stride and padding.
    public let geometry: ConvolutionGeometry

    /// Declares the layer's parameters, `weight` and `bias`; both start as PyTorch's do.
    public init(
        _ scope: ParameterScope,
        inputs: Int,
        outputs: Int,
        geometry: ConvolutionGeometry,
        hasBias: Bool = true
    ) {
        let fanIn = inputs * geometry.kernel * geometry.kernel
        weight = scope.parameter("weight", [outputs, inputs, geometry.kernel, geometry.kernel], .fanIn(fanIn))
        bias = hasBias ? scope.parameter("bias", [outputs], .fanIn(fanIn)) : nil
        self.geometry = geometry
    }

    /// `x [B, H, W, inputs]` → `[B, H', W', outputs]`, with `rowBias [B, outputs]` and `residual` added.
    public func callAsFunction(_ x: Variable, rowBias: Variable? = nil, residual: Variable? = nil) -> Variable {
        convolution(x, weight: weight, bias: bias, geometry: geometry, rowBias: rowBias, residual: residual)
    }
}
