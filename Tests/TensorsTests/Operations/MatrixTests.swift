import Testing

@testable import Tensors

@Suite("Matrix products")
struct MatrixTests {
    static let sizes = [(1, 1, 1), (2, 3, 5), (13, 32, 7), (12, 33, 400), (97, 70, 31), (5, 129, 801), (200, 40, 20)]

    @Test("every transposition agrees with a product in double precision", arguments: instructionSets)
    func transpositions(set: InstructionSet) {
        with(set) {
            for (m, n, k) in Self.sizes {
                for (ta, tb) in [(false, false), (false, true), (true, false), (true, true)] {
                    let a = sample(ta ? [k, m] : [m, k], seed: 1)
                    let b = sample(tb ? [n, k] : [k, n], seed: 2)
                    let (x, y) = (a.doubles, b.doubles)
                    let expected = product(
                        m,
                        n,
                        k,
                        { ta ? x[$1 * m + $0] : x[$0 * k + $1] },
                        { tb ? y[$1 * k + $0] : y[$0 * n + $1] }
                    )
                    let c = matrixMultiply(a, b, transposeA: ta, transposeB: tb)
                    #expect(c.shape == [m, n] && error(c, expected) < 3e-6, "\(m)×\(n)×\(k)")
                    matrixMultiply(a, b, transposeA: ta, transposeB: tb, scale: -0.5, addingTo: c)
                    #expect(error(c, expected.map { 0.5 * $0 }) < 6e-6, "adding \(m)×\(n)×\(k)")
                }
            }
        }
    }

    @Test("a batch is a product for each item", arguments: instructionSets)
    func batches(set: InstructionSet) {
        with(set) {
            let (a, b) = (sample([3, 10, 20], seed: 3), sample([3, 20, 35], seed: 4))
            let c = matrixMultiply(a, b, scale: 2)
            for item in 0..<3 {
                let single = matrixMultiply(
                    a.rows(item..<item + 1).reshaped([10, 20]),
                    b.rows(item..<item + 1).reshaped([20, 35]),
                    scale: 2
                )
                #expect(c.rows(item..<item + 1).elements == single.elements)
            }
        }
    }

    @Test("linear adds the bias, activates and adds the residual", arguments: instructionSets)
    func linearLayers(set: InstructionSet) {
        with(set) {
            for (m, n, k) in Self.sizes {
                for activation in [Activation.none, .silu, .gelu] {
                    let (x, w) = (sample([m, k], seed: 5), sample([n, k], seed: 6))
                    let (bias, residual) = (sample([n], seed: 7), sample([m, n], seed: 8))
                    let (xs, ws) = (x.doubles, w.doubles)
                    var expected = product(m, n, k, { xs[$0 * k + $1] }, { ws[$1 * k + $0] })
                    let packed = PackedMatrix(w)
                    #expect(packed.data.count == PackedMatrix.packedCount(outputs: n, inputs: k))
                    #expect(error(linear(x, packed, bias: nil), expected) < 3e-6)
                    let (biases, residuals) = (bias.doubles, residual.doubles)
                    for index in expected.indices {
                        expected[index] = activate(expected[index] + biases[index % n], activation) + residuals[index]
                    }
                    let y = linear(x, packed, bias: bias, activation: activation, residual: residual)
                    #expect(error(y, expected) < 3e-6)
                    let restored = PackedMatrix(data: packed.data.copy(), outputs: n, inputs: k)
                    #expect(linear(x, restored, bias: nil).elements == linear(x, packed, bias: nil).elements)
                    if m * n * k > 10_000 { break }
                }
            }
        }
    }

    @Test("results do not depend on the number of threads", arguments: instructionSets)
    func threads(set: InstructionSet) {
        let results = [1, 2, 3].map { threads in
            with(set, threads: threads) {
                matrixMultiply(sample([300, 700], seed: 9), sample([700, 200], seed: 10)).elements
            }
        }
        #expect(results[0] == results[1] && results[1] == results[2])
    }
}
