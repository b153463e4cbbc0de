import Foundation
import Tensors

/// The n-way top-k semantic accuracy: how often the true class is among the k most probable of itself and n − 1 others.
public struct NWayAccuracy: Sendable, Equatable {
    /// The number of classes in a trial, the true one included.
    public let ways: Int
    /// The number of places that count as success.
    public let top: Int

    /// The 50-way top-1 accuracy is `NWayAccuracy(ways: 50)`.
    public init(ways: Int, top: Int = 1) {
        precondition(ways >= 2 && top >= 1 && top <= ways, "A \(ways)-way top-\(top) accuracy has no meaning.")
        self.ways = ways
        self.top = top
    }

    /// The mean and the population standard deviation over trials.
    public struct Estimate: Sendable, Equatable {
        /// The share of successful trials.
        public let mean: Double
        /// The standard deviation of the trials' success, not of the mean.
        public let deviation: Double
    }

    /// The accuracy over all draws of n − 1 of the other classes, by the hypergeometric distribution.
    ///
    /// Classes as probable as the true one share its place evenly, so that a constant prediction scores `top / ways`.
    /// NaN counts as least probable.
    /// - Parameters:
    ///   - probabilities: one number per class; any increasing function of the probability gives the same result.
    ///   - target: the true class.
    public func expectation(probabilities: [Float], target: Int) -> Double {
        check(probabilities.count, target)
        let others = probabilities.indices.filter { $0 != target }
        let standing = standing(of: target, among: others, probabilities)
        let below = others.count - standing.above - standing.equal
        let drawn = ways - 1
        let all = logChoose(others.count, drawn)
        var accuracy = 0.0
        for above in 0...min(standing.above, drawn, top - 1) {
            for equal in 0...min(standing.equal, drawn - above) where drawn - above - equal <= below {
                let ways =
                    logChoose(standing.above, above) + logChoose(standing.equal, equal)
                    + logChoose(below, drawn - above - equal)
                accuracy += exp(ways - all) * share(Standing(above: above, equal: equal))
            }
        }
        return min(accuracy, 1)
    }

    /// The accuracy over recorded draws, each of which names n − 1 distinct other classes.
    public func estimate(probabilities: [Float], target: Int, draws: [[Int]]) -> Estimate {
        check(probabilities.count, target)
        precondition(!draws.isEmpty, "An estimate needs a draw.")
        let successes = draws.map { draw in
            precondition(
                draw.count == ways - 1 && draw.allSatisfy { probabilities.indices.contains($0) && $0 != target },
                "A draw of a \(ways)-way trial names \(ways - 1) other classes."
            )
            return share(standing(of: target, among: draw, probabilities))
        }
        let mean = successes.reduce(0, +) / Double(draws.count)
        let variance = successes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws.count)
        return Estimate(mean: mean, deviation: variance.squareRoot())
    }

    /// The accuracy over random draws.
    public func estimate(
        probabilities: [Float],
        target: Int,
        trials: Int,
        using numbers: inout RandomNumbers
    ) -> Estimate {
        check(probabilities.count, target)
        var others = probabilities.indices.filter { $0 != target }
        let draws = (0..<trials).map { _ in
            // The first places of a Fisher–Yates shuffle; it may go on from any order.
            for index in 0..<ways - 1 {
                others.swapAt(index, index + numbers.integer(below: others.count - index))
            }
            return Array(others.prefix(ways - 1))
        }
        return estimate(probabilities: probabilities, target: target, draws: draws)
    }

    /// The numbers of classes that are more probable than the target, and as probable.
    private struct Standing {
        var above = 0
        var equal = 0
    }

    private func standing(of target: Int, among others: [Int], _ probabilities: [Float]) -> Standing {
        let value = { (index: Int) in probabilities[index].isNaN ? -Float.infinity : probabilities[index] }
        let own = value(target)
        return others.reduce(into: Standing()) { standing, other in
            if value(other) > own { standing.above += 1 }
            if value(other) == own { standing.equal += 1 }
        }
    }

    /// The chance that the target is among the first `top` when equals come in random order.
    private func share(_ standing: Standing) -> Double {
        let free = top - standing.above
        return free <= 0 ? 0 : min(1, Double(free) / Double(standing.equal + 1))
    }

    private func check(_ classes: Int, _ target: Int) {
        precondition(
            classes >= ways && target >= 0 && target < classes,
            "A \(ways)-way trial on class \(target) does not fit \(classes) classes."
        )
    }
}

/// The logarithm of the number of ways to choose `count` of `total`.
private func logChoose(_ total: Int, _ count: Int) -> Double {
    lgamma(Double(total + 1)) - lgamma(Double(count + 1)) - lgamma(Double(total - count + 1))
}
