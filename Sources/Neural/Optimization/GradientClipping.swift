import Tensors

/// The global L2 norm of the gradients of some parameters.
///
/// One that is listed twice counts twice.
public func gradientNorm(_ parameters: [Parameter]) -> Float {
    Float(parameters.reduce(0.0) { $0 + ($1.gradient.map(Tensors.sumOfSquares) ?? 0) }.squareRoot())
}

/// The factor that brings gradients of global norm `norm` to at most `limit`: min(1, limit/(norm + 1e-6)).
public func clippingFactor(norm: Float, limit: Float) -> Float {
    min(1, limit / (norm + 1e-6))
}
