import Foundation
import Testing

@testable import Tensors

@Suite("Attention")
struct AttentionTests {
    struct Case: Sendable {
        var batch = 1
        var queries, keys, heads, width: Int
    }

    static let cases = [
        Case(queries: 1, keys: 1, heads: 1, width: 1),
        Case(batch: 2, queries: 5, keys: 7, heads: 3, width: 4),
        Case(queries: 100, keys: 77, heads: 2, width: 20),
        Case(batch: 2, queries: 33, keys: 40, heads: 1, width: 35),
        Case(queries: 130, keys: 33, heads: 1, width: 400),
    ]

    /// Output and gradients in double precision, from the definition.
    static func reference(_ c: Case, _ q: [Double], _ k: [Double], _ v: [Double], _ d: [Double])
        -> (o: [Double], dq: [Double], dk: [Double], dv: [Double])
    {
        var o = [Double](repeating: 0, count: q.count)
        var (dq, dk, dv) = (o, [Double](repeating: 0, count: k.count), [Double](repeating: 0, count: k.count))
        let (stride, scale) = (c.heads * c.width, 1 / Double(c.width).squareRoot())
        for instance in 0..<c.batch * c.heads {
            let (item, head) = (instance / c.heads, instance % c.heads)
            for i in 0..<c.queries {
                let row = (item * c.queries + i) * stride + head * c.width
                func other(_ j: Int) -> Int { (item * c.keys + j) * stride + head * c.width }
                let scores = (0..<c.keys).map { j in
                    exp(scale * (0..<c.width).reduce(0) { $0 + q[row + $1] * k[other(j) + $1] })
                }
                let p = scores.map { $0 / scores.reduce(0, +) }
                let dp = (0..<c.keys).map { j in (0..<c.width).reduce(0) { $0 + d[row + $1] * v[other(j) + $1] } }
                let dot = zip(p, dp).reduce(0) { $0 + $1.0 * $1.1 }
                for j in 0..<c.keys {
                    let ds = p[j] * (dp[j] - dot) * scale
                    for l in 0..<c.width {
                        o[row + l] += p[j] * v[other(j) + l]
                        dv[other(j) + l] += p[j] * d[row + l]
                        dq[row + l] += ds * k[other(j) + l]
                        dk[other(j) + l] += ds * q[row + l]
                    }
                }
            }
        }
        return (o, dq, dk, dv)
    }

    @Test("output and gradients agree with the definition", arguments: instructionSets)
    func definition(set: InstructionSet) {
        with(set) {
            for c in Self.cases {
                let q = sample([c.batch, c.queries, c.heads * c.width], seed: 1)
                let k = sample([c.batch, c.keys, c.heads * c.width], seed: 2)
                let v = sample([c.batch, c.keys, c.heads * c.width], seed: 3)
                let d = sample(q.shape, seed: 4)
                let expected = Self.reference(c, q.doubles, k.doubles, v.doubles, d.doubles)
                let result = attention(q, k, v, heads: c.heads)
                #expect(error(result.output, expected.o) < 5e-6, "\(c)")
                let gradients = attentionGradient(d, q: q, k: k, v: v, result: result, heads: c.heads)
                #expect(c.keys == 1 || error(gradients.0, expected.dq) < 1e-5, "\(c)")
                #expect(c.keys == 1 || error(gradients.1, expected.dk) < 1e-5, "\(c)")
                #expect(error(gradients.2, expected.dv) < 1e-5, "\(c)")
            }
        }
    }

    @Test("fused q, k and v give what separate ones give", arguments: instructionSets)
    func fused(set: InstructionSet) {
        with(set) {
            let parts = (0..<3).map { sample([2, 50, 48], seed: UInt64($0)) }
            let qkv = concatenate(parts)
            let d = sample([2, 50, 48], seed: 9)
            let separate = attention(parts[0], parts[1], parts[2], heads: 3)
            let together = attention(qkv: qkv, heads: 3)
            #expect(separate.output.elements == together.output.elements)
            let gradients = attentionGradient(
                d,
                q: parts[0],
                k: parts[1],
                v: parts[2],
                result: separate,
                heads: 3
            )
            let gradient = attentionGradient(d, qkv: qkv, result: together, heads: 3)
            #expect(concatenate([gradients.0, gradients.1, gradients.2]).elements == gradient.elements)
        }
    }

    @Test("many queries are taken in blocks, with bounded scratch memory")
    func manyQueries() {
        let engine = Engine(threads: 2)
        Engine.$current.withValue(engine) {
            let q = sample([1, 3000, 16], seed: 1)
            _ = attention(q, q, q, heads: 1)
            #expect(engine.workspace.statistics.peakUsedBytes < 3000 * 3000 * 4 / 4)
        }
    }
}
