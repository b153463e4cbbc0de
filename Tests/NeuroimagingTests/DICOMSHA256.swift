/// SHA-256 (FIPS 180-4), to compare pixels with the manifest.
enum SHA256 {
    static func digest(_ message: [UInt8]) -> String {
        var state: [UInt32] = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
        ]
        var padded = message + [0x80]
        padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
        padded += (0..<8).map { UInt8(truncatingIfNeeded: (message.count * 8) >> (56 - 8 * $0)) }
        var words = [UInt32](repeating: 0, count: 64)
        for block in stride(from: 0, to: padded.count, by: 64) {
            for index in 0..<16 {
                words[index] = (0..<4).reduce(0) { $0 << 8 | UInt32(padded[block + 4 * index + $1]) }
            }
            for index in 16..<64 {
                let (a, b) = (words[index - 15], words[index - 2])
                let first = turned(a, 7) ^ turned(a, 18) ^ (a >> 3)
                let second = turned(b, 17) ^ turned(b, 19) ^ (b >> 10)
                words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
            }
            var s = state
            for index in 0..<64 {
                let first = turned(s[4], 6) ^ turned(s[4], 11) ^ turned(s[4], 25)
                let choice = (s[4] & s[5]) ^ (~s[4] & s[6])
                let sum = s[7] &+ first &+ choice &+ constants[index] &+ words[index]
                let second = turned(s[0], 2) ^ turned(s[0], 13) ^ turned(s[0], 22)
                let majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2])
                s = [sum &+ second &+ majority, s[0], s[1], s[2], s[3] &+ sum, s[4], s[5], s[6]]
            }
            for index in 0..<8 { state[index] &+= s[index] }
        }
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private static func turned(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

    /// The fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = {
        var primes: [Int] = []
        var candidate = 2
        while primes.count < 64 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map { prime in
            // The cube root times 2^32 as a whole number, bit by bit.
            var root: UInt64 = 0
            for bit in (0..<36).reversed() {
                let trial = root | 1 << UInt64(bit)
                let square = trial.multipliedFullWidth(by: trial)
                // trial³ ≤ prime · 2^96, compared through the upper part.
                let low = square.low.multipliedFullWidth(by: trial)
                let high = square.high &* trial
                let (middle, carry) = high.addingReportingOverflow(low.high)
                if !carry, middle < UInt64(prime) << 32 || (middle == UInt64(prime) << 32 && low.low == 0) {
                    root = trial
                }
            }
            return UInt32(truncatingIfNeeded: root)
        }
    }()
}
