import Foundation

/// Counter-based random numbers: Philox 4×32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2,
/// 3", SC 2011).
///
/// A number depends only on the seed, the purpose and its position, so a replay or a resumed training draws the same
/// numbers, on any number of threads.
public struct RandomNumbers: Sendable {
    private let key: (UInt32, UInt32)
    private let stream: UInt64
    private var counter: UInt64
    private var buffer: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    private var available = 0

    /// Starts a stream.
    /// - Parameters:
    ///   - seed: the seed of the run.
    ///   - purpose: what the numbers are for, for instance `"start noise"`; purposes have independent streams.
    ///   - index: a sub-stream, for instance the number of the sample or of the training step.
    public init(seed: UInt64, purpose: String = "", index: UInt64 = 0) {
        let mixed = Self.mix(seed ^ Self.hash(purpose))
        key = (UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
        stream = index
        counter = 0
    }

    /// Uniform 32-bit words.
    public mutating func next() -> UInt32 {
        if available == 0 {
            buffer = Self.block(counter: counter, stream: stream, key: key)
            counter += 1
            available = 4
        }
        available -= 1
        switch available {
        case 3: return buffer.0
        case 2: return buffer.1
        case 1: return buffer.2
        default: return buffer.3
        }
    }

    /// Uniform in [0, 1), in steps of 2⁻²⁴.
    public mutating func uniform() -> Float {
        Float(next() >> 8) * 0x1p-24
    }

    /// A uniform integer in `0..<bound`.
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0 && bound <= Int(UInt32.max), "A bound lies in 1...2³²−1.")
        // Lemire's multiplication with rejection: exactly uniform.
        let range = UInt64(bound)
        let threshold = (UInt64(1) << 32) % range
        while true {
            let product = UInt64(next()) * range
            if product & 0xffff_ffff >= threshold { return Int(product >> 32) }
        }
    }

    /// Puts items in a uniformly random order (Fisher and Yates).
    public mutating func shuffle(_ items: inout [Int]) {
        for last in stride(from: items.count - 1, to: 0, by: -1) { items.swapAt(last, integer(below: last + 1)) }
    }

    /// A pair of independent standard normal numbers (Box–Muller).
    public mutating func normalPair() -> (Float, Float) {
        let u = (Double(next()) + 1) * 0x1p-32
        let v = Double(next()) * 0x1p-32
        let radius = (-2 * log(u)).squareRoot()
        return (Float(radius * cos(2 * .pi * v)), Float(radius * sin(2 * .pi * v)))
    }

    /// A tensor of standard normal numbers.
    public mutating func normal(_ shape: [Int], deviation: Float = 1) -> Tensor {
        let result = Tensor(uninitialized: shape)
        for index in stride(from: 0, to: result.count, by: 2) {
            let (a, b) = normalPair()
            result.pointer[index] = a * deviation
            if index + 1 < result.count { result.pointer[index + 1] = b * deviation }
        }
        return result
    }

    /// A tensor of numbers uniform in `range`.
    public mutating func uniform(_ shape: [Int], in range: ClosedRange<Float> = 0...1) -> Tensor {
        let result = Tensor(uninitialized: shape)
        let width = range.upperBound - range.lowerBound
        for index in 0..<result.count { result.pointer[index] = range.lowerBound + width * uniform() }
        return result
    }

    /// The Philox 4×32-10 bijection.
    static func block(
        counter: UInt64,
        stream: UInt64,
        key: (UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var c = (
            UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
            UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)
        )
        var k = key
        for _ in 0..<10 {
            let (high0, low0) = UInt32(0xD251_1F53).multipliedFullWidth(by: c.0)
            let (high1, low1) = UInt32(0xCD9E_8D57).multipliedFullWidth(by: c.2)
            c = (high1 ^ c.1 ^ k.0, low1, high0 ^ c.3 ^ k.1, low0)
            k = (k.0 &+ 0x9E37_79B9, k.1 &+ 0xBB67_AE85)
        }
        return c
    }

    /// FNV-1a.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    /// The finaliser of SplitMix64, so that near seeds give unrelated keys.
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
