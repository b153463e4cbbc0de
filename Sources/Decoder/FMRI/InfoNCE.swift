import Neural
import Tensors

/// The InfoNCE loss (van den Oord et al.
///
/// 2018) on cosine similarities.
///
/// With C_ij the cosine of query i and key j, the loss of query i is −log softmax(C_i/τ) at its positive key, averaged
/// over the queries. Rows are normalised with their norm floored at 1e-12.
public struct InfoNCE: Sendable, Hashable, Codable {
    /// The temperature τ.
    public var temperature: Float

    /// Makes the loss.
    public init(temperature: Float = 0.1) {
        self.temperature = temperature
    }

    /// The positives of the other queries serve as negatives.
    ///
    /// - Parameters:
    ///   - queries: `[N, V]`.
    ///   - positives: `[N, V]`.
    public func callAsFunction(_ queries: Variable, _ positives: Variable) -> Variable {
        loss(cosines(queries, positives), targets: Array(0..<queries.shape[0]))
    }

    /// All queries share the negatives `[M, V]`.
    public func callAsFunction(_ queries: Variable, _ positives: Variable, negatives: Variable) -> Variable {
        let directions = normalizeRows(queries)
        let shared = matrixMultiply(directions, normalizeRows(negatives), transposeB: true)
        return loss(concatenate([diagonal(cosines(queries, positives)), shared]), target: 0)
    }

    /// Every query has negatives of its own, `[N, M, V]`.
    public func callAsFunction(_ queries: Variable, _ positives: Variable, pairedNegatives: Variable) -> Variable {
        let (count, width) = (pairedNegatives.shape[1], queries.shape[1])
        let directions = normalizeRows(queries)
        let others = normalizeRows(pairedNegatives)
        let own = (0..<queries.shape[0]).map { row in
            matrixMultiply(
                sliceItems(directions, row..<row + 1),
                sliceItems(others, row..<row + 1).reshaped([count, width]),
                transposeB: true
            )
        }
        return loss(concatenate([diagonal(cosines(queries, positives)), stackItems(own)]), target: 0)
    }

    /// The other queries serve as negatives; 0 for a single query.
    public func amongQueries(_ queries: Variable, _ positives: Variable) -> Variable {
        let count = queries.shape[0]
        let similarities = cosines(queries, queries).reshaped([count, count, 1])
        let others = gatherTokens(similarities, (0..<count).map { row in (0..<count).filter { $0 != row } })
        let positive = diagonal(cosines(queries, positives))
        return loss(concatenate([positive, others.reshaped([count, count - 1])]), target: 0)
    }

    /// The cosine of every query with every key, `[N, V]`, `[M, V]` → `[N, M]`.
    public func cosines(_ queries: Variable, _ keys: Variable) -> Variable {
        matrixMultiply(normalizeRows(queries), normalizeRows(keys), transposeB: true)
    }

    private func diagonal(_ square: Variable) -> Variable {
        let count = square.shape[0]
        return gatherTokens(square.reshaped([count, count, 1]), (0..<count).map { [$0] }).reshaped([count, 1])
    }

    private func loss(_ similarities: Variable, target: Int) -> Variable {
        loss(similarities, targets: Array(repeating: target, count: similarities.shape[0]))
    }

    private func loss(_ similarities: Variable, targets: [Int]) -> Variable {
        crossEntropy((1 / temperature) * similarities, targets: targets)
    }
}
