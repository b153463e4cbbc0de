import Evaluation
import Tensors
import Testing

@Suite("n-way top-k accuracy")
struct NWayAccuracyTests {
    /// Probabilities of which `above` classes exceed class 0.
    private func probabilities(classes: Int, above: Int) -> [Float] {
        [0.5] + (1..<classes).map { $0 <= above ? 0.6 + Float($0) / 10000 : 0.4 - Float($0) / 10000 }
    }

    @Test("The expectation of top-1 is C(m − r, n − 1) / C(m, n − 1)", arguments: [0, 1, 5, 100, 950, 999])
    func closedForm(above: Int) {
        let accuracy = NWayAccuracy(ways: 50)
        // The quotient of the binomials, factor by factor.
        let expected = (0..<49).reduce(1.0) { $0 * max(0, Double(999 - above - $1)) / Double(999 - $1) }
        let actual = accuracy.expectation(probabilities: probabilities(classes: 1000, above: above), target: 0)
        #expect(abs(actual - expected) < 1e-10)
    }

    @Test("The expectation is the mean over all draws", arguments: 1...3)
    func enumeration(top: Int) {
        let values: [Float] = [0.2, 0.3, 0.2, 0.1, 0.35, 0.2, 0.05]
        let others = [0, 1, 3, 4, 5, 6]
        var draws: [[Int]] = []
        for a in 0..<6 {
            for b in a + 1..<6 { for c in b + 1..<6 { draws.append([others[a], others[b], others[c]]) } }
        }
        let accuracy = NWayAccuracy(ways: 4, top: top)
        let mean = accuracy.estimate(probabilities: values, target: 2, draws: draws).mean
        #expect(abs(accuracy.expectation(probabilities: values, target: 2) - mean) < 1e-12)
    }

    @Test("A prediction that knows nothing scores k / n, also when it is NaN", arguments: [Float(0.001), .nan])
    func chance(value: Float) {
        let constant = [Float](repeating: value, count: 1000)
        for (ways, top) in [(50, 1), (100, 5), (2, 1)] {
            let accuracy = NWayAccuracy(ways: ways, top: top)
            #expect(abs(accuracy.expectation(probabilities: constant, target: 7) - Double(top) / Double(ways)) < 1e-10)
        }
    }

    @Test("Random trials come near the expectation, and one seed gives one result")
    func monteCarlo() {
        let values = probabilities(classes: 200, above: 6)
        let accuracy = NWayAccuracy(ways: 20)
        var first = RandomNumbers(seed: 3, purpose: "trials")
        var second = first
        let estimate = accuracy.estimate(probabilities: values, target: 0, trials: 4000, using: &first)
        #expect(estimate == accuracy.estimate(probabilities: values, target: 0, trials: 4000, using: &second))
        let expected = accuracy.expectation(probabilities: values, target: 0)
        #expect(abs(estimate.mean - expected) < 4 * estimate.deviation / 4000.0.squareRoot())
    }

    @Test("All ways together always succeed, and the best class always wins")
    func extremes() {
        let values: [Float] = [0.1, 0.5, 0.4]
        #expect(NWayAccuracy(ways: 3, top: 3).expectation(probabilities: values, target: 0) == 1)
        #expect(NWayAccuracy(ways: 2).expectation(probabilities: values, target: 1) == 1)
        #expect(NWayAccuracy(ways: 3).expectation(probabilities: values, target: 0) < 1e-12)
    }
}
