import Foundation
import Neural
import Tensors
import Testing

@testable import Decoder

/// InfoNCE in float64, from its definition.
private enum ClosedForm {
    typealias Matrix = [[Double]]

    static func matrix(_ tensor: Tensor) -> Matrix {
        let width = tensor.shape[tensor.rank - 1]
        let values = tensor.elements.map(Double.init)
        return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
    }

    static func cosine(_ a: [Double], _ b: [Double]) -> Double {
        let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        let squares = (a.reduce(0) { $0 + $1 * $1 }, b.reduce(0) { $0 + $1 * $1 })
        return product / max((squares.0 * squares.1).squareRoot(), 1e-8)
    }

    /// The mean of −log softmax of the positive's logit; `negatives(i)` are the keys that compete with it.
    static func loss(_ q: Matrix, _ k: Matrix, temperature: Double, negatives: (Int) -> Matrix) -> Double {
        let losses = q.indices.map { row in
            let positive = cosine(q[row], k[row]) / temperature
            let others = negatives(row).map { cosine(q[row], $0) / temperature }
            return log(([positive] + others).reduce(0) { $0 + exp($1) }) - positive
        }
        return losses.reduce(0, +) / Double(q.count)
    }
}

@Suite("Contrastive losses")
struct FMRIContrastTests {
    private let queries: Tensor
    private let keys: Tensor
    private let shared: Tensor
    private let paired: Tensor

    init() {
        var random = RandomNumbers(seed: 11)
        queries = random.normal([5, 7])
        keys = random.normal([5, 7])
        shared = random.normal([6, 7])
        paired = random.normal([5, 3, 7])
    }

    private func expect(_ loss: Variable, _ truth: Double) {
        #expect(abs(Double(loss.value.item) - truth) < 1e-5 * (1 + abs(truth)))
    }

    @Test("Implicit negatives are the positives of the other queries", arguments: [0.1, 0.5] as [Float])
    func implicit(temperature: Float) {
        let (q, k) = (ClosedForm.matrix(queries), ClosedForm.matrix(keys))
        let truth = ClosedForm.loss(q, k, temperature: Double(temperature)) { row in
            k.indices.filter { $0 != row }.map { k[$0] }
        }
        expect(InfoNCE(temperature: temperature)(Variable(queries), Variable(keys)), truth)
    }

    @Test("Unpaired negatives compete with every positive", arguments: [0.1, 0.5] as [Float])
    func unpaired(temperature: Float) {
        let (q, k, others) = (ClosedForm.matrix(queries), ClosedForm.matrix(keys), ClosedForm.matrix(shared))
        let truth = ClosedForm.loss(q, k, temperature: Double(temperature)) { _ in others }
        let loss = InfoNCE(temperature: temperature)(
            Variable(queries),
            Variable(keys),
            negatives: Variable(shared)
        )
        expect(loss, truth)
    }

    @Test("Paired negatives compete with their own query's positive", arguments: [0.1, 0.5] as [Float])
    func paired(temperature: Float) {
        let (q, k, others) = (ClosedForm.matrix(queries), ClosedForm.matrix(keys), ClosedForm.matrix(paired))
        let truth = ClosedForm.loss(q, k, temperature: Double(temperature)) { Array(others[$0 * 3..<$0 * 3 + 3]) }
        let loss = InfoNCE(temperature: temperature)(
            Variable(queries),
            Variable(keys),
            pairedNegatives: Variable(paired)
        )
        expect(loss, truth)
    }

    @Test("Negatives among the queries are all queries but the own one")
    func amongQueries() {
        let (q, k) = (ClosedForm.matrix(queries), ClosedForm.matrix(keys))
        let truth = ClosedForm.loss(q, k, temperature: 0.1) { row in q.indices.filter { $0 != row }.map { q[$0] } }
        expect(InfoNCE().amongQueries(Variable(queries), Variable(keys)), truth)
    }

    @Test("A single query has nothing to be told apart from")
    func single() {
        let (query, key) = (Variable(queries.rows(0..<1)), Variable(keys.rows(0..<1)))
        #expect(InfoNCE()(query, key).value.item == 0)
        #expect(InfoNCE().amongQueries(query, key).value.item == 0)
    }

    @Test("The loss does not depend on the scale of queries and keys")
    func scale() {
        let loss = InfoNCE()(Variable(queries), Variable(keys)).value.item
        let scaled = InfoNCE()(37 * Variable(queries), 0.01 * Variable(keys)).value.item
        #expect(abs(loss - scaled) < 1e-5 * (1 + loss))
    }

    @Test("A query of zeros has cosine 0 with every key")
    func zeroRow() {
        let cosines = InfoNCE().cosines(Variable(Tensor(zeros: [1, 7])), Variable(keys)).value.elements
        #expect(cosines == [0, 0, 0, 0, 0])
    }
}
