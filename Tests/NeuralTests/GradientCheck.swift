import Foundation
import Neural
import Tensors
import Testing

/// Compares an operation with a float64 formulation of it: the value directly, the gradient with central differences of
/// the float64 formulation, whose own error is some 1e-9.
struct GradientCheck {
    /// The float32 operation.
    var operation: ([Parameter]) -> Variable
    /// The same in float64: elements of the arguments to elements of the result.
    var reference: ([[Double]]) -> [Double]
    /// The shapes of the arguments.
    var shapes: [[Int]]
    /// The relative error that float32 arithmetic of these sizes explains.
    var tolerance = 1e-4

    func run(seed: UInt64 = 1, sourceLocation: SourceLocation = #_sourceLocation) {
        let parameters = shapes.enumerated().map { index, shape in
            var random = RandomNumbers(seed: seed, purpose: "argument", index: UInt64(index))
            let value = random.normal(shape)
            let parameter = Parameter(name: "p\(index)", shape: shape) { value }
            parameter.isTrainable = true
            return parameter
        }
        let arguments = parameters.map { $0.value.elements.map(Double.init) }
        let result = operation(parameters)
        let expected = reference(arguments)
        compare(result.value.elements, expected, "value", sourceLocation)

        var random = RandomNumbers(seed: seed, purpose: "seed vector")
        let seedVector = random.normal(result.shape)
        let weights = seedVector.elements.map(Double.init)
        result.backward(seed: seedVector)
        for index in parameters.indices {
            guard let gradient = parameters[index].gradient else {
                Issue.record("argument \(index) has no gradient", sourceLocation: sourceLocation)
                continue
            }
            #expect(gradient.shape == shapes[index], sourceLocation: sourceLocation)
            let chosen = Self.sample(gradient.count)
            let differences = chosen.map { differentiate(arguments, index, $0, weights) }
            compare(chosen.map { gradient.elements[$0] }, differences, "gradient \(index)", sourceLocation)
        }
    }

    private func differentiate(_ arguments: [[Double]], _ index: Int, _ element: Int, _ weights: [Double]) -> Double {
        let step = 1e-5
        func evaluate(_ offset: Double) -> Double {
            var changed = arguments
            changed[index][element] += offset
            return zip(reference(changed), weights).reduce(0) { $0 + $1.0 * $1.1 }
        }
        return (evaluate(step) - evaluate(-step)) / (2 * step)
    }

    private func compare(_ actual: [Float], _ expected: [Double], _ what: String, _ location: SourceLocation) {
        #expect(actual.count == expected.count, "\(what)", sourceLocation: location)
        let scale = 1 + (expected.map(abs).max() ?? 0)
        let worst = zip(actual, expected).map { abs(Double($0) - $1) }.max() ?? 0
        #expect(worst <= tolerance * scale, "\(what): error \(worst) at scale \(scale)", sourceLocation: location)
    }

    /// All elements of small arrays; of large ones, some spread over the whole.
    private static func sample(_ count: Int) -> [Int] {
        let limit = 24
        return count <= limit ? Array(0..<count) : (0..<limit).map { $0 * count / limit + $0 % 3 }.filter { $0 < count }
    }
}
