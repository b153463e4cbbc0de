import Tensors

/// How a parameter starts.
public enum Initializer: Sendable {
    /// All zeros.
    case zeros
    /// All ones.
    case ones
    /// N(0, deviation²).
    case normal(deviation: Float)
    /// Uniform in ±bound.
    case uniform(bound: Float)
    /// Uniform in ±√(6/(fanIn+fanOut)) (Glorot and Bengio 2010), for a weight `[out, in]`.
    case xavierUniform
    /// A fixed table.
    case table(@Sendable () -> Tensor)

    /// Uniform ±1/√fanIn: the default of PyTorch's linear and convolution layers, for weights and biases.
    public static func fanIn(_ fanIn: Int) -> Initializer {
        .uniform(bound: 1 / Float(max(fanIn, 1)).squareRoot())
    }

    func makeTensor(shape: [Int], seed: UInt64, purpose: String) -> Tensor {
        var random = RandomNumbers(seed: seed, purpose: purpose)
        switch self {
        case .zeros: return Tensor(zeros: shape)
        case .ones: return Tensor(repeating: 1, shape: shape)
        case .normal(let deviation): return random.normal(shape, deviation: deviation)
        case .uniform(let bound): return random.uniform(shape, in: -bound...bound)
        case .xavierUniform:
            precondition(shape.count >= 2, "Xavier initialisation needs a weight of at least two axes.")
            let receptiveField = shape.dropFirst(2).reduce(1, *)
            let bound = (6 / Float((shape[0] + shape[1]) * receptiveField)).squareRoot()
            return random.uniform(shape, in: -bound...bound)
        case .table(let make): return make()
        }
    }
}
