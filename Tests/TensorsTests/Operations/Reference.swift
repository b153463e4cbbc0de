import Foundation
import Testing

@testable import Tensors

/// Operations are tested under every instruction set that this machine has.
let instructionSets = InstructionSet.allCases.filter(\.isAvailable)

/// Runs `body` on an engine with the given instructions.
func with<Result>(_ instructionSet: InstructionSet, threads: Int = 2, _ body: () throws -> Result) rethrows -> Result {
    try Engine.$current.withValue(Engine(threads: threads, instructionSet: instructionSet), operation: body)
}

/// Normal numbers that depend on the seed alone.
func sample(_ shape: [Int], seed: UInt64, deviation: Float = 1) -> Tensor {
    var numbers = RandomNumbers(seed: seed)
    return numbers.normal(shape, deviation: deviation)
}

extension Tensor {
    var doubles: [Double] { elements.map(Double.init) }
}

/// The largest difference, relative to the largest magnitude of what is expected.
func error(_ actual: Tensor, _ expected: [Double]) -> Double {
    guard actual.count == expected.count else { return .infinity }
    let magnitude = max(expected.reduce(0) { max($0, abs($1)) }, 1e-30)
    return zip(actual.elements, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1).nanAsInfinity) } / magnitude
}

extension Double {
    fileprivate var nanAsInfinity: Double { isNaN ? .infinity : self }
}

/// C [m, n] = A [m, k]·B [k, n] in double precision, with element functions.
func product(_ m: Int, _ n: Int, _ k: Int, _ a: (Int, Int) -> Double, _ b: (Int, Int) -> Double) -> [Double] {
    var c = [Double](repeating: 0, count: m * n)
    for i in 0..<m {
        for j in 0..<n {
            var sum = 0.0
            for l in 0..<k { sum += a(i, l) * b(l, j) }
            c[i * n + j] = sum
        }
    }
    return c
}

/// A function of the flat elements of one argument, for finite differences in double precision.
func numericalGradient(at x: [Double], step: Double = 1e-4, _ function: ([Double]) -> Double) -> [Double] {
    x.indices.map { index in
        var moved = x
        moved[index] = x[index] + step
        let above = function(moved)
        moved[index] = x[index] - step
        return (above - function(moved)) / (2 * step)
    }
}

func siluReference(_ x: Double) -> Double { x / (1 + exp(-x)) }
func geluReference(_ x: Double) -> Double { 0.5 * x * erfc(-x / 2.0.squareRoot()) }
func activate(_ x: Double, _ activation: Activation) -> Double {
    switch activation {
    case .none: x
    case .silu: siluReference(x)
    case .gelu: geluReference(x)
    }
}
