/// Identification by pairs: how often a reconstruction is closer to its own original than to another.
public enum PairwiseIdentification {
    /// Which score is the better one.
    public enum Preference: Sendable {
        /// For instance correlation and structural similarity.
        case larger
        /// For instance squared error.
        case smaller
    }

    /// For each reconstruction, the share of the *other* originals that fit it strictly worse than its own.
    /// - Parameter scores: `scores[i][j]` compares reconstruction i with original j; square, with at least two rows.
    public static func accuracies(_ scores: [[Double]], better: Preference) -> [Double] {
        precondition(scores.count >= 2, "Identification needs at least two images.")
        return scores.enumerated().map { row, values in
            precondition(values.count == scores.count, "A matrix of scores is square.")
            let own = values[row]
            let wins = values.indices.count { other in
                guard other != row else { return false }
                return better == .larger ? own > values[other] : own < values[other]
            }
            return Double(wins) / Double(scores.count - 1)
        }
    }

    /// `metric(reconstruction i, original j)` for all pairs.
    public static func matrix<Image>(
        _ reconstructions: [Image],
        _ originals: [Image],
        metric: (Image, Image) throws -> Double
    ) rethrows -> [[Double]] {
        try reconstructions.map { reconstruction in try originals.map { try metric(reconstruction, $0) } }
    }
}
