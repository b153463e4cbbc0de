/// Identification of originals by reconstructions: which pairs are compared, and who wins.
///
/// One reconstruction, its original and another original make a comparison; it is won if the reconstruction's score with
/// its own original is strictly better than with the other. Shares of several samples are means over them.
public struct Identification: Sendable, Equatable {
    /// The number of items.
    public let count: Int
    /// Row-major: the share of comparisons of item i with original j that are won; 0 where there is none.
    public let wins: [Double]
    /// Row-major: 1 where item i is compared with original j, else 0.
    public let comparisons: [Double]

    /// Which originals an item is compared with.
    public struct Scope: Sendable, Equatable {
        /// Items with an equal number have the same original, which is never compared with itself.
        public let originals: [Int]
        /// Where there are classes, only originals of the same class are compared.
        public let classes: [Int]?

        /// Describes a scope.
        /// - Parameters:
        ///   - originals: a number for each item's original; by default all are different.
        ///   - classes: a class for each item, to compare within classes only.
        public init(count: Int, originals: [Int]? = nil, classes: [Int]? = nil) {
            self.originals = originals ?? Array(0..<count)
            self.classes = classes
            precondition(self.originals.count == count && (classes?.count ?? count) == count)
        }

        /// Whether an item is compared with another's original.
        public func compares(_ item: Int, _ other: Int) -> Bool {
            originals[item] != originals[other] && isInClass(other, of: item)
        }

        /// Whether two items may be compared as far as classes are concerned.
        func isInClass(_ other: Int, of item: Int) -> Bool {
            guard let classes else { return true }
            return classes[item] == classes[other]
        }
    }

    /// Compares all pairs of a scope.
    public init(_ scores: ScoreMatrix, better: PairwiseIdentification.Preference, scope: Scope) {
        let count = scores.count
        precondition(scope.originals.count == count, "\(scope.originals.count) items for \(count) scores.")
        var (wins, comparisons) = (
            [Double](repeating: 0, count: count * count), [Double](repeating: 0, count: count * count)
        )
        for item in 0..<count {
            let own = scores[item, item]
            for other in 0..<count where scope.compares(item, other) {
                let score = scores[item, other]
                comparisons[item * count + other] = 1
                wins[item * count + other] = (better == .larger ? own > score : own < score) ? 1 : 0
            }
        }
        (self.count, self.wins, self.comparisons) = (count, wins, comparisons)
    }

    private init(count: Int, wins: [Double], comparisons: [Double]) {
        (self.count, self.wins, self.comparisons) = (count, wins, comparisons)
    }

    /// The mean over samples of the same items.
    public static func mean(_ samples: [Identification]) -> Identification {
        precondition(!samples.isEmpty && samples.allSatisfy { $0.comparisons == samples[0].comparisons })
        var wins = [Double](repeating: 0, count: samples[0].wins.count)
        for sample in samples {
            for index in wins.indices { wins[index] += sample.wins[index] / Double(samples.count) }
        }
        return Identification(count: samples[0].count, wins: wins, comparisons: samples[0].comparisons)
    }

    /// The share of comparisons that each item wins; NaN for one that is compared with none.
    public var accuracies: [Double] {
        (0..<count).map { item in
            let row = item * count..<(item + 1) * count
            let compared = comparisons[row].reduce(0, +)
            return compared > 0 ? wins[row].reduce(0, +) / compared : .nan
        }
    }

    /// The mean accuracy of the items that are compared with any; NaN if none is.
    public var accuracy: Double {
        let values = accuracies.filter { !$0.isNaN }
        return values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
    }

    /// Whether each item wins all its comparisons: the top-1 identification of n.
    ///
    /// Of a mean over samples, the product is not the share of samples; take the mean of this over samples instead.
    public var isFirst: [Bool] {
        (0..<count).map { item in
            (0..<count).allSatisfy { wins[item * count + $0] >= comparisons[item * count + $0] }
        }
    }
}

extension Identification {
    /// What identification would give if the original of item i were j, for tests by permutation.
    ///
    /// That is the share of the other originals that score strictly worse with reconstruction i than j does.
    static func hypothetical(
        _ scores: ScoreMatrix,
        better: PairwiseIdentification.Preference,
        scope: Scope
    ) -> ScoreMatrix {
        let count = scores.count
        var result = [Double](repeating: .nan, count: count * count)
        let groups = Dictionary(grouping: 0..<count) { scope.classes?[$0] ?? 0 }
        let copies = Dictionary(grouping: 0..<count) { scope.originals[$0] }
        for item in 0..<count {
            guard let candidates = groups[scope.classes?[item] ?? 0] else { continue }
            // Larger is better from here on.
            let value = { (original: Int) in better == .larger ? scores[item, original] : -scores[item, original] }
            let sorted = candidates.map(value).sorted()
            for candidate in candidates where candidate == item || scope.compares(item, candidate) {
                let own = value(candidate)
                // The candidate and its copies are not compared with it; with equal originals they score the same.
                let equals = (copies[scope.originals[candidate]] ?? []).filter { scope.isInClass($0, of: item) }
                let compared = candidates.count - equals.count
                let worse = Self.countBelow(own, in: sorted) - equals.count { value($0) < own }
                if compared > 0 { result[item * count + candidate] = Double(worse) / Double(compared) }
            }
        }
        return ScoreMatrix(result)
    }

    /// How many of the sorted values are below a value.
    private static func countBelow(_ value: Double, in sorted: [Double]) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
