import Testing

@testable import Tensors

@Suite("Counter-based random numbers")
struct RandomNumbersTests {
    @Test("the block function gives the published Philox 4×32-10 vectors")
    func knownAnswers() {
        let zero = RandomNumbers.block(counter: 0, stream: 0, key: (0, 0))
        #expect(zero == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        let ones = RandomNumbers.block(counter: .max, stream: .max, key: (.max, .max))
        #expect(ones == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    }

    @Test("normal numbers have mean 0 and variance 1")
    func moments() {
        var random = RandomNumbers(seed: 7, purpose: "moments")
        let values = random.normal([100_000]).elements
        let mean = values.reduce(0, +) / Float(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)
        #expect(abs(mean) < 0.02)
        #expect(abs(variance - 1) < 0.02)
    }

    @Test("seed, purpose and index select independent, repeatable streams")
    func streams() {
        func first(_ seed: UInt64, _ purpose: String, _ index: UInt64) -> UInt32 {
            var random = RandomNumbers(seed: seed, purpose: purpose, index: index)
            return random.next()
        }
        #expect(first(1, "a", 0) == first(1, "a", 0))
        #expect(Set([first(1, "a", 0), first(2, "a", 0), first(1, "b", 0), first(1, "a", 1)]).count == 4)
    }
}
