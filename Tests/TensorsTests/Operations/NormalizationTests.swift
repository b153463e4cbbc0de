import Testing

@testable import Tensors

@Suite("Normalisation")
struct NormalizationTests {
    static func normalized(_ x: [Double], _ members: [[Int]], epsilon: Double) -> [Double] {
        var result = x
        for group in members {
            let mean = group.reduce(0) { $0 + x[$1] } / Double(group.count)
            let variance = group.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / Double(group.count)
            for index in group { result[index] = (x[index] - mean) / (variance + epsilon).squareRoot() }
        }
        return result
    }

    static func groupMembers(_ shape: [Int], groups: Int) -> [[Int]] {
        let (channels, inner) = (shape[shape.count - 1], shape.dropFirst().reduce(1, *))
        var members = [[Int]](repeating: [], count: shape[0] * groups)
        for index in 0..<shape.reduce(1, *) {
            members[index / inner * groups + index % channels / (channels / groups)].append(index)
        }
        return members
    }

    @Test("group normalisation agrees with its definition, also far from zero", arguments: instructionSets)
    func groupNormalization(set: InstructionSet) {
        with(set) {
            for (shape, groups) in [([1, 2, 2, 4], 2), ([2, 5, 3, 12], 3), ([2, 40, 33, 32], 32), ([1, 9, 40], 8)] {
                for (activation, offset) in [(Activation.none, Float(0)), (.silu, 100), (.gelu, 0)] {
                    let x = add(sample(shape, seed: 1), Tensor(repeating: offset, shape: shape))
                    let channels = x.shape[x.rank - 1]
                    let (w, b) = (sample([channels], seed: 2), sample([channels], seed: 3))
                    let members = Self.groupMembers(shape, groups: groups)
                    let (ws, bs) = (w.doubles, b.doubles)
                    let expected = Self.normalized(x.doubles, members, epsilon: 1e-5).enumerated().map {
                        activate($1 * ws[$0 % channels] + bs[$0 % channels], activation)
                    }
                    let result = groupNorm(
                        x,
                        groups: groups,
                        weight: w,
                        bias: b,
                        epsilon: 1e-5,
                        activation: activation
                    )
                    #expect(error(result.output, expected) < (offset == 0 ? 3e-6 : 1e-4), "\(shape)")
                }
            }
        }
    }

    @Test("gradients of group normalisation agree with finite differences", arguments: instructionSets)
    func groupGradient(set: InstructionSet) {
        with(set) {
            for (shape, groups, activation) in [([2, 3, 2, 6], 3, Activation.silu), ([1, 5, 20], 4, .none)] {
                let channels = shape[shape.count - 1]
                let (x, d) = (sample(shape, seed: 1), sample(shape, seed: 4).doubles)
                let (w, b) = (sample([channels], seed: 2), sample([channels], seed: 3))
                let members = Self.groupMembers(shape, groups: groups)
                func loss(_ x: [Double], _ w: [Double], _ b: [Double]) -> Double {
                    Self.normalized(x, members, epsilon: 1e-5).enumerated().reduce(0) { sum, element in
                        let channel = element.offset % channels
                        return sum + d[element.offset] * activate(element.element * w[channel] + b[channel], activation)
                    }
                }
                let result = groupNorm(
                    x,
                    groups: groups,
                    weight: w,
                    bias: b,
                    epsilon: 1e-5,
                    activation: activation
                )
                let gradients = groupNormGradient(
                    sample(shape, seed: 4),
                    x: x,
                    mean: result.mean,
                    inverseDeviation: result.inverseDeviation,
                    groups: groups,
                    weight: w,
                    bias: b,
                    activation: activation
                )
                let (xs, ws, bs) = (x.doubles, w.doubles, b.doubles)
                #expect(error(gradients.x, numericalGradient(at: xs) { loss($0, ws, bs) }) < 1e-5)
                #expect(error(gradients.weight, numericalGradient(at: ws) { loss(xs, $0, bs) }) < 1e-5)
                #expect(error(gradients.bias, numericalGradient(at: bs) { loss(xs, ws, $0) }) < 1e-5)
            }
        }
    }

    @Test("layer normalisation and its gradients", arguments: instructionSets)
    func layerNormalization(set: InstructionSet) {
        with(set) {
            for (rows, columns) in [(1, 2), (3, 5), (40, 33), (9, 64)] {
                let (x, d) = (sample([rows, columns], seed: 1), sample([rows, columns], seed: 4))
                let (w, b) = (sample([columns], seed: 2), sample([columns], seed: 3))
                let members = (0..<rows).map { row in (0..<columns).map { row * columns + $0 } }
                func output(_ x: [Double], _ w: [Double], _ b: [Double]) -> [Double] {
                    Self.normalized(x, members, epsilon: 1e-6).enumerated().map {
                        $1 * w[$0 % columns] + b[$0 % columns]
                    }
                }
                let (xs, ws, bs, ds) = (x.doubles, w.doubles, b.doubles, d.doubles)
                let result = layerNorm(x, weight: w, bias: b, epsilon: 1e-6)
                #expect(error(result.output, output(xs, ws, bs)) < 3e-6)
                guard rows < 10, columns > 2 else { continue }
                let gradients = layerNormGradient(
                    d,
                    x: x,
                    mean: result.mean,
                    inverseDeviation: result.inverseDeviation,
                    weight: w
                )
                func loss(_ y: [Double]) -> Double { zip(y, ds).reduce(0) { $0 + $1.0 * $1.1 } }
                #expect(error(gradients.x, numericalGradient(at: xs) { loss(output($0, ws, bs)) }) < 1e-5)
                #expect(error(gradients.weight, numericalGradient(at: ws) { loss(output(xs, $0, bs)) }) < 1e-5)
                #expect(error(gradients.bias, numericalGradient(at: bs) { loss(output(xs, ws, $0)) }) < 1e-5)
            }
        }
    }
}
