import Foundation
import Testing

@testable import Tensors

@Suite("Elementwise operations")
struct ElementwiseTests {
    @Test("exp is within 2e-7 of libm", arguments: instructionSets)
    func exponentials(set: InstructionSet) {
        with(set) {
            let x = Tensor((0..<20_001).map { Float($0 - 10_000) * 0.0087 }, shape: [20_001])
            for (a, b) in zip(exponential(x).elements, x.doubles) {
                #expect(abs(Double(a) / exp(b) - 1) < 2e-7, "exp(\(b))")
            }
        }
    }

    @Test("erf is within 3e-7 of libm, odd and saturated", arguments: instructionSets)
    func errorFunctions(set: InstructionSet) {
        with(set) {
            let x = Tensor((0..<20_001).map { Float($0 - 10_000) * 0.0006 + 1e-9 }, shape: [20_001])
            for (a, b) in zip(errorFunction(x).elements, x.doubles) {
                #expect(abs(Double(a) / erf(b) - 1) < 3e-7, "erf(\(b))")
            }
        }
    }

    @Test("activations and their slopes", arguments: instructionSets)
    func activations(set: InstructionSet) {
        with(set) {
            for count in [1, 3, 17, 100, 70_001] {
                let x = sample([count], seed: 1, deviation: 3)
                let dy = sample([count], seed: 2)
                #expect(error(silu(x), x.doubles.map(siluReference)) < 1e-6)
                #expect(error(gelu(x), x.doubles.map(geluReference)) < 1e-6)
                let slopes = zip(x.doubles, dy.doubles)
                let step = 1e-5
                let silus = slopes.map { (siluReference($0 + step) - siluReference($0 - step)) / (2 * step) * $1 }
                let gelus = slopes.map { (geluReference($0 + step) - geluReference($0 - step)) / (2 * step) * $1 }
                #expect(error(siluGradient(dy, x), silus) < 1e-6)
                #expect(error(geluGradient(dy, x), gelus) < 1e-6)
            }
        }
    }

    @Test("geglu is the first half times gelu of the second", arguments: instructionSets)
    func gatedActivation(set: InstructionSet) {
        with(set) {
            for (rows, n) in [(1, 1), (3, 5), (2, 16), (7, 33), (90, 400)] {
                let x = sample([rows, 2 * n], seed: 3)
                let dy = sample([rows, n], seed: 4)
                let (values, gradients) = (x.doubles, dy.doubles)
                var expected: [Double] = []
                var gradient = [Double](repeating: 0, count: values.count)
                for r in 0..<rows {
                    for j in 0..<n {
                        let (a, g) = (values[r * 2 * n + j], values[r * 2 * n + n + j])
                        let d = gradients[r * n + j]
                        expected.append(a * geluReference(g))
                        gradient[r * 2 * n + j] = d * geluReference(g)
                        let slope = (geluReference(g + 1e-5) - geluReference(g - 1e-5)) / 2e-5
                        gradient[r * 2 * n + n + j] = d * a * slope
                    }
                }
                #expect(error(geglu(x), expected) < 1e-6)
                #expect(error(gegluGradient(dy, x), gradient) < 1e-6)
            }
        }
    }

    @Test("arithmetic", arguments: instructionSets)
    func arithmetic(set: InstructionSet) {
        with(set) {
            for count in [1, 5, 16, 40_003] {
                let (a, b) = (sample([count], seed: 5), sample([count], seed: 6))
                let pairs = Array(zip(a.doubles, b.doubles))
                #expect(error(add(a, b), pairs.map(+)) < 1e-6)
                #expect(error(subtract(a, b), pairs.map(-)) < 1e-6)
                #expect(error(multiply(a, b), pairs.map(*)) < 1e-6)
                #expect(error(scale(a, by: -2.5), a.doubles.map { -2.5 * $0 }) < 1e-6)
                let total = a.copy()
                add(b, to: total)
                axpy(0.5, b, to: total)
                #expect(error(total, pairs.map { $0 + 1.5 * $1 }) < 1e-6)
            }
        }
    }

    @Test("sums by column and over everything", arguments: instructionSets)
    func sums(set: InstructionSet) {
        with(set) {
            for (rows, columns) in [(1, 1), (5, 3), (33, 16), (700, 129)] {
                let x = sample([rows, columns], seed: 7)
                var expected = [Double](repeating: 0, count: columns)
                for (index, value) in x.doubles.enumerated() { expected[index % columns] += value }
                #expect(error(columnSums(x), expected) < 1e-5)
                #expect(abs(sum(x) - x.doubles.reduce(0, +)) < 1e-4)
                let squares = x.doubles.reduce(0) { $0 + $1 * $1 }
                #expect(abs(sumOfSquares(x) / squares - 1) < 1e-6)
            }
        }
    }

    @Test("softmax and its gradient by row", arguments: instructionSets)
    func softmaxRows(set: InstructionSet) {
        with(set) {
            for (rows, columns) in [(1, 1), (3, 5), (4, 32), (2, 77)] {
                let x = sample([rows, columns], seed: 8, deviation: 4)
                let dy = sample([rows, columns], seed: 9)
                var (expected, gradient): ([Double], [Double]) = ([], [])
                for r in 0..<rows {
                    let values = x.doubles[r * columns..<(r + 1) * columns].map { exp($0) }
                    let p = values.map { $0 / values.reduce(0, +) }
                    let d = Array(dy.doubles[r * columns..<(r + 1) * columns])
                    let dot = zip(p, d).reduce(0) { $0 + $1.0 * $1.1 }
                    expected += p
                    gradient += zip(p, d).map { $0 * ($1 - dot) }
                }
                let y = softmax(x)
                #expect(error(y, expected) < 1e-6)
                #expect(columns == 1 || error(softmaxGradient(dy, y), gradient) < 2e-6)
            }
        }
    }

    @Test("one AdamW step is PyTorch's", arguments: instructionSets)
    func optimizerStep(set: InstructionSet) {
        with(set) {
            let count = 37
            let (p, g) = (sample([count], seed: 10), sample([count], seed: 11))
            let (m, v) = (sample([count], seed: 12), multiply(sample([count], seed: 13), sample([count], seed: 13)))
            let before = (p.doubles, m.doubles, v.doubles)
            adamWStep(
                parameter: p,
                gradient: g,
                first: m,
                second: v,
                learningRate: 0.01,
                betas: (0.9, 0.95),
                epsilon: 1e-8,
                weightDecay: 0.05,
                biasCorrections: (0.271, 0.142),
                gradientScale: 0.5
            )
            for i in 0..<count {
                let gradient = Double(g.elements[i]) * 0.5
                let first = 0.9 * before.1[i] + 0.1 * gradient
                let second = 0.95 * before.2[i] + 0.05 * gradient * gradient
                let denominator = (second / 0.142).squareRoot() + 1e-8
                let expected = before.0[i] * (1 - 0.01 * 0.05) - 0.01 * (first / 0.271) / denominator
                #expect(abs(Double(p.elements[i]) - expected) < 1e-6)
                #expect(abs(Double(m.elements[i]) - first) < 1e-6 && abs(Double(v.elements[i]) - second) < 1e-6)
            }
        }
    }
}
