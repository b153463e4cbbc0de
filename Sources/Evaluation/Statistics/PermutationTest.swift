import Tensors

/// Tests that compare what was found with what chance gives, by rearranging the data itself.
public enum PermutationTest {
    /// What reconstructions score against originals in random order.
    public struct Mismatch: Sendable, Equatable {
        /// The mean score with an original that is not the item's own.
        public let mean: Double
        /// The mean scores of the random orders, for a histogram.
        public let distribution: [Double]
        /// The share of orders, the true one included, that score as well as the true one.
        public let probability: Double
    }

    /// Compares the mean of own scores with that under random assignments of originals.
    ///
    /// - Parameters:
    ///   - scores: the score of item i if its original were j.
    ///   - strata: originals are exchanged only among items of an equal number.
    ///   - permutations: the number of random orders.
    /// - Returns: nil if no item can be exchanged with another.
    public static func mismatch(
        _ scores: ScoreMatrix,
        better: PairwiseIdentification.Preference,
        strata: [Int]? = nil,
        permutations: Int = 10_000,
        seed: UInt64 = 0
    ) -> Mismatch? {
        let strata = strata ?? Array(repeating: 0, count: scores.count)
        precondition(strata.count == scores.count, "\(strata.count) strata for \(scores.count) items.")
        let groups = Dictionary(grouping: 0..<scores.count) { strata[$0] }.values.map { $0 }.filter { $0.count > 1 }
            .sorted { $0[0] < $1[0] }
        let items = groups.flatMap { $0 }.filter { item in !scores[item, item].isNaN }
        guard !items.isEmpty else { return nil }
        let own = mean(items.map { scores[$0, $0] })
        var numbers = RandomNumbers(seed: seed, purpose: "permuted originals")
        var assigned = Array(0..<scores.count)
        let distribution = (0..<permutations).map { _ in
            for group in groups { shuffle(group, &assigned, &numbers) }
            return mean(items.map { scores[$0, assigned[$0]] })
        }
        let least = 1e-12 * max(1, abs(own))
        let reached = distribution.count { better == .larger ? $0 >= own - least : $0 <= own + least }
        let others = groups.flatMap { group in
            group.flatMap { item in group.filter { $0 != item }.map { scores[item, $0] } }
        }
        return Mismatch(
            mean: mean(others),
            distribution: distribution,
            probability: Double(reached + 1) / Double(permutations + 1)
        )
    }

    /// The two-sided probability that differences of random sign have a mean as far from 0 as these.
    ///
    /// All signs are tried up to 16 items, random ones beyond; items without a difference (NaN) do not count.
    public static func signFlip(_ differences: [Double], flips: Int = 10_000, seed: UInt64 = 0) -> Double {
        let values = differences.filter { !$0.isNaN }
        guard !values.isEmpty else { return 1 }
        let found = abs(values.reduce(0, +))
        let least = found - 1e-12 * max(1, found)
        if values.count <= 16 {
            let all = 1 << values.count
            let reached = (0..<all).count { signs in
                var total = 0.0
                for (index, value) in values.enumerated() { total += signs >> index & 1 == 1 ? value : -value }
                return abs(total) >= least
            }
            return Double(reached) / Double(all)
        }
        var numbers = RandomNumbers(seed: seed, purpose: "flipped signs")
        let reached = (0..<flips).count { _ in
            abs(values.reduce(0) { numbers.next() & 1 == 1 ? $0 + $1 : $0 - $1 }) >= least
        }
        return Double(reached + 1) / Double(flips + 1)
    }

    /// Puts what is assigned to a group in random order (Fisher and Yates).
    private static func shuffle(_ group: [Int], _ assigned: inout [Int], _ numbers: inout RandomNumbers) {
        for last in stride(from: group.count - 1, to: 0, by: -1) {
            assigned.swapAt(group[last], group[numbers.integer(below: last + 1)])
        }
    }

    /// The mean of the values that are numbers.
    private static func mean(_ values: [Double]) -> Double {
        var (sum, count) = (0.0, 0)
        for value in values where !value.isNaN {
            sum += value
            count += 1
        }
        return count > 0 ? sum / Double(count) : .nan
    }
}
