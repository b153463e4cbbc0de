import Parity
import Testing

@Suite("Tolerances")
struct ParityToleranceTests {
    private func error(_ tolerance: ParityTolerance, _ actual: [Double], _ expected: [Double]) -> Double {
        tolerance.worstError(actual, expected)
    }

    @Test("Forward errors are relative to one plus the largest value, gradients to the largest gradients")
    func scales() {
        #expect(abs(error(.forward, [3, 1.5], [3, 1]) - 0.5 / 4) < 1e-15)
        #expect(error(.updatedParameter, [3, 1.5], [3, 1]) == 0.5)
        #expect(abs(error(.gradient(largestOfAll: 1000), [3, 1.5], [3, 1]) - 0.5 / 4) < 1e-15)
        #expect(error(.gradient(largestOfAll: 0), [0, 0], [0, 0]) == 0)
    }

    @Test("What is not a number never passes, unless the reference has it too")
    func notNumbers() {
        #expect(error(.forward, [.nan], [1]) == .infinity)
        #expect(error(.forward, [1], [.nan]) == .infinity)
        #expect(error(.forward, [.infinity], [1]) == .infinity)
        #expect(error(.forward, [1, 2], [1]) == .infinity)
        #expect(error(.exact, [.nan, .infinity], [.nan, .infinity]) == 0)
        #expect(!ParityCheck("x", worstError: .nan, tolerance: 1).passed)
    }
}
