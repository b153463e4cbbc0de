import Tensors

/// A range of values that covers the true one with a stated probability.
public struct Interval: Sendable, Equatable, Codable {
    /// The lower end.
    public let lower: Double
    /// The upper end.
    public let upper: Double

    /// Makes an interval.
    public init(_ lower: Double, _ upper: Double) {
        (self.lower, self.upper) = (lower, upper)
    }
}

/// Percentile intervals from resampled items (Efron and Tibshirani, "An introduction to the bootstrap", 1993).
///
/// An item, not a pair or a sample, is what is drawn, since items are what is independent. All quantities of one
/// bootstrap see the same draws, so that differences between methods are those of the same items.
public struct Bootstrap: Sendable {
    /// The number of items.
    public let items: Int
    /// The number of resamples.
    public let resamples: Int
    /// How often each resample drew each item, row-major `[resamples, items]`.
    private let counts: [Double]

    /// Draws the resamples.
    public init(items: Int, resamples: Int = 10_000, seed: UInt64 = 0) {
        precondition(items > 0 && resamples > 0, "A bootstrap needs items and resamples.")
        var numbers = RandomNumbers(seed: seed, purpose: "bootstrap")
        var counts = [Double](repeating: 0, count: items * resamples)
        for resample in 0..<resamples {
            for _ in 0..<items { counts[resample * items + numbers.integer(below: items)] += 1 }
        }
        (self.items, self.resamples, self.counts) = (items, resamples, counts)
    }

    /// The mean of the items in each resample; NaN marks items that have no value.
    public func means(_ values: [Double]) -> [Double] {
        precondition(values.count == items, "\(values.count) values for \(items) items.")
        let filled = values.map { $0.isNaN ? 0 : $0 }
        let present = values.map { $0.isNaN ? 0.0 : 1.0 }
        let sums = MatrixProduct.plain(counts, filled, rows: resamples, inner: items, columns: 1)
        let weights = MatrixProduct.plain(counts, present, rows: resamples, inner: items, columns: 1)
        return zip(sums, weights).map { $1 > 0 ? $0 / $1 : .nan }
    }

    /// The accuracy of identification in each resample, in which an item drawn twice is not compared with itself.
    public func accuracies(_ identification: Identification) -> [Double] {
        precondition(identification.count == items, "\(identification.count) items for \(items).")
        let won = product(identification.wins)
        let compared = product(identification.comparisons)
        return (0..<resamples).map { resample in
            var (total, weight) = (0.0, 0.0)
            for index in resample * items..<(resample + 1) * items where counts[index] > 0 && compared[index] > 0 {
                total += counts[index] * won[index] / compared[index]
                weight += counts[index]
            }
            return weight > 0 ? total / weight : .nan
        }
    }

    /// For every resample and item the sum of its row over the items drawn.
    private func product(_ matrix: [Double]) -> [Double] {
        MatrixProduct.transposedRight(counts, matrix, rows: resamples, inner: items, columns: items)
    }

    /// The interval between two percentiles of resampled values, with linear interpolation.
    ///
    /// - Returns: nil if no value is a number.
    public static func interval(_ values: [Double], confidence: Double = 0.95) -> Interval? {
        let sorted = values.filter { !$0.isNaN }.sorted()
        guard !sorted.isEmpty else { return nil }
        let tail = (1 - confidence) / 2
        return Interval(quantile(sorted, tail), quantile(sorted, 1 - tail))
    }

    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let index = min(Int(place), sorted.count - 1)
        let next = min(index + 1, sorted.count - 1)
        return sorted[index] + (sorted[next] - sorted[index]) * (place - Double(index))
    }
}
