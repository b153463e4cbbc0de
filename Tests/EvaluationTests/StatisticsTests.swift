import Foundation
import Tensors
import Testing

@testable import Evaluation

@Suite("Intervals and tests")
struct StatisticsTests {
    @Test("Clopper and Pearson's interval has its closed form at the ends and the tables' values between")
    func binomial() {
        let none = Binomial.interval(successes: 0, of: 20)
        #expect(none.lower == 0 && abs(none.upper - (1 - pow(0.025, 1 / 20))) < 1e-12)
        let all = Binomial.interval(successes: 20, of: 20)
        #expect(all.upper == 1 && abs(all.lower - pow(0.025, 1 / 20)) < 1e-12)
        let half = Binomial.interval(successes: 5, of: 10)
        #expect(abs(half.lower - 0.187086) < 1e-6 && abs(half.upper - 0.812914) < 1e-6)
        let twelve = Binomial.interval(successes: 12, of: 100)
        #expect(abs(twelve.lower - 0.063569) < 1e-6 && abs(twelve.upper - 0.200236) < 1e-6)
    }

    @Test("The upper tail is the sum of the probabilities", arguments: [0, 1, 3, 7, 12])
    func tail(successes: Int) {
        let (n, p) = (12, 0.3)
        let sum = (successes...n).reduce(0.0) { total, k in
            let ways = exp(lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1)))
            return total + ways * pow(p, Double(k)) * pow(1 - p, Double(n - k))
        }
        #expect(abs(Binomial.upperTail(successes: successes, of: n, chance: p) - sum) < 1e-12)
    }

    @Test("Two items give means of 0, ½ and 1 in the proportion 1 : 2 : 1")
    func twoItems() {
        let means = Bootstrap(items: 2, resamples: 4000, seed: 1).means([0, 1])
        let shares = [0, 0.5, 1].map { value in Double(means.count { $0 == value }) / 4000 }
        // Four standard deviations of a share.
        #expect(zip(shares, [0.25, 0.5, 0.25]).allSatisfy { abs($0 - $1) < 0.032 })
        #expect(Bootstrap.interval(means) == Interval(0, 1))
    }

    @Test("The interval of a mean is as wide as its standard error says, and one seed gives one interval")
    func width() throws {
        var numbers = RandomNumbers(seed: 5)
        let values = numbers.normal([80]).elements.map(Double.init)
        let mean = values.reduce(0, +) / 80
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 80).squareRoot()
        let bootstrap = Bootstrap(items: 80, resamples: 2000, seed: 2)
        let interval = try #require(Bootstrap.interval(bootstrap.means(values)))
        let expected = 2 * 1.96 * deviation / 80.0.squareRoot()
        #expect(abs((interval.upper - interval.lower) / expected - 1) < 0.1)
        #expect(interval.lower < mean && interval.upper > mean)
        let again = Bootstrap(items: 80, resamples: 2000, seed: 2)
        #expect(Bootstrap.interval(again.means(values)) == interval)
    }

    @Test("Items without a value do not count")
    func missing() {
        let bootstrap = Bootstrap(items: 3, resamples: 50, seed: 0)
        #expect(bootstrap.means([1, .nan, 1]).allSatisfy { $0 == 1 || $0.isNaN })
        #expect(Bootstrap.interval([.nan]) == nil)
    }

    @Test("In a resample an item is never compared with itself: the mean over all resamples, by enumeration")
    func pairs() {
        let scores = ScoreMatrix([5, 6, 1, 2, 3, 4, 7, 1, 2])
        let pairs = Identification(scores, better: .larger, scope: .init(count: 3))
        var values: [Double] = []
        for a in 0..<3 {
            for b in 0..<3 {
                for c in 0..<3 {
                    let drawn = [a, b, c]
                    let items = drawn.compactMap { item -> Double? in
                        let others = drawn.filter { $0 != item }
                        guard !others.isEmpty else { return nil }
                        return Double(others.count { scores[item, item] > scores[item, $0] }) / Double(others.count)
                    }
                    if !items.isEmpty { values.append(items.reduce(0, +) / Double(items.count)) }
                }
            }
        }
        let expected = values.reduce(0, +) / Double(values.count)
        let resampled = Bootstrap(items: 3, resamples: 6000, seed: 4).accuracies(pairs).filter { !$0.isNaN }
        let mean = resampled.reduce(0, +) / Double(resampled.count)
        #expect(abs(mean - expected) < 0.02)
    }

    @Test("Flipped signs: all of them where they are few, and no effect where there is none")
    func signFlip() {
        #expect(PermutationTest.signFlip([1, 2, 3]) == 0.25)
        #expect(PermutationTest.signFlip([0, 0, 0]) == 1)
        #expect(PermutationTest.signFlip([1, -1, .nan]) == 1)
        let clear = PermutationTest.signFlip([Double](repeating: 1, count: 40), flips: 999)
        #expect(clear == 0.001)
    }

    @Test("Originals in random order: what chance gives, and how rarely it gives as much")
    func mismatch() throws {
        let count = 6
        let scores = ScoreMatrix((0..<36).map { $0 / count == $0 % count ? 1 : 0.25 })
        let found = try #require(PermutationTest.mismatch(scores, better: .larger, permutations: 4000))
        #expect(found.mean == 0.25)
        // One order of 720 is right.
        #expect(found.probability < 0.005)
        let flat = ScoreMatrix([Double](repeating: 3, count: 36))
        #expect(PermutationTest.mismatch(flat, better: .smaller, permutations: 100)?.probability == 1)
        #expect(PermutationTest.mismatch(flat, better: .smaller, strata: [0, 1, 2, 3, 4, 5]) == nil)
    }

    @Test("Within strata originals stay in their stratum")
    func strata() throws {
        // A mistake between strata costs 100.
        let scores = ScoreMatrix((0..<16).map { ($0 / 4 < 2) == ($0 % 4 < 2) ? 1 : -100 })
        let found = try #require(
            PermutationTest.mismatch(scores, better: .larger, strata: [0, 0, 1, 1], permutations: 200)
        )
        #expect(found.mean == 1 && found.distribution.allSatisfy { $0 == 1 })
    }

    @Test("Folds have equal shares of every class, and every item is tested once", arguments: [2, 3, 10])
    func folds(count: Int) {
        let classes = (0..<47).map { $0 % 7 == 0 ? 2 : $0 % 2 }
        let split = StratifiedFolds(classes: classes, count: count, seed: 3)
        #expect((0..<count).flatMap(split.test).sorted() == Array(0..<47))
        let sizes = (0..<count).map { split.test($0).count }
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        for kind in 0...2 {
            let members = (0..<count).map { fold in split.test(fold).count { classes[$0] == kind } }
            #expect((members.max() ?? 0) - (members.min() ?? 0) <= 1)
        }
        #expect(split == StratifiedFolds(classes: classes, count: count, seed: 3))
        #expect(split != StratifiedFolds(classes: classes, count: count, seed: 4))
        #expect(Set(split.training(0)).union(split.test(0)).count == 47)
    }
}

@Suite("Identification among pairs")
struct IdentificationTests {
    private let scores = ScoreMatrix((0..<25).map { Double($0 * 7 % 11) })

    @Test("is what pairs say one by one, within classes and without copies of the own original")
    func scopes() {
        let (originals, classes) = ([0, 1, 1, 3, 4], [0, 0, 0, 1, 1])
        for classes in [nil, classes] {
            let scope = Identification.Scope(count: 5, originals: originals, classes: classes)
            let pairs = Identification(scores, better: .larger, scope: scope)
            for item in 0..<5 {
                let others = (0..<5).filter { other in
                    guard originals[other] != originals[item] else { return false }
                    guard let classes else { return true }
                    return classes[other] == classes[item]
                }
                let wins = others.count { scores[item, item] > scores[item, $0] }
                #expect(abs(pairs.accuracies[item] - Double(wins) / Double(others.count)) < 1e-12)
            }
        }
    }

    @Test("agrees with the accuracies of the reference's form", arguments: [ImageMetric.correlation, .squaredError])
    func reference(metric: ImageMetric) {
        let pairs = Identification(scores, better: metric.better, scope: .init(count: 5))
        let rows = (0..<5).map { row in (0..<5).map { scores[row, $0] } }
        #expect(
            zip(pairs.accuracies, PairwiseIdentification.accuracies(rows, better: metric.better))
                .allSatisfy { abs($0 - $1) < 1e-12 }
        )
    }

    @Test("of supposed originals is identification with those put in the place of the own")
    func hypothetical() {
        for better in [PairwiseIdentification.Preference.larger, .smaller] {
            for classes in [nil, [0, 0, 1, 1, 1]] {
                let scope = Identification.Scope(count: 5, classes: classes)
                let found = Identification.hypothetical(scores, better: better, scope: scope)
                for item in 0..<5 {
                    for candidate in 0..<5 where candidate == item || scope.compares(item, candidate) {
                        let others = (0..<5).filter { scope.compares(candidate, $0) }
                        let wins = others.count {
                            let (own, other) = (scores[item, candidate], scores[item, $0])
                            return better == .larger ? own > other : own < other
                        }
                        #expect(abs(found[item, candidate] - Double(wins) / Double(others.count)) < 1e-12)
                    }
                }
            }
        }
    }

    @Test("A mean over samples is the mean of their accuracies, and first is who wins all")
    func samples() {
        let first = Identification(scores, better: .larger, scope: .init(count: 5))
        let second = Identification(scores, better: .smaller, scope: .init(count: 5))
        let mean = Identification.mean([first, second])
        for item in 0..<5 {
            #expect(abs(mean.accuracies[item] - (first.accuracies[item] + second.accuracies[item]) / 2) < 1e-12)
        }
        #expect(first.isFirst == first.accuracies.map { $0 == 1 })
    }
}
