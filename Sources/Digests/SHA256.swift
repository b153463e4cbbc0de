import CKernels

/// SHA-256 (FIPS 180-4), by the processor's SHA instructions where it has them.
public struct SHA256 {
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var pending: [UInt8] = []
    private var length: UInt64 = 0
    private let isPortable: Bool

    /// Starts a digest.
    public init() {
        self.init(portable: false)
    }

    init(portable: Bool) {
        isPortable = portable
    }

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        length += UInt64(bytes.count)
        var rest = bytes[...]
        if !pending.isEmpty {
            let taken = min(64 - pending.count, rest.count)
            pending.append(contentsOf: rest.prefix(taken))
            rest = rest.dropFirst(taken)
            guard pending.count == 64 else { return }
            process(pending)
            pending.removeAll(keepingCapacity: true)
        }
        let whole = rest.count / 64 * 64
        if whole > 0 { process(UnsafeRawBufferPointer(rebasing: rest.prefix(whole))) }
        pending.append(contentsOf: rest.dropFirst(whole))
    }

    /// The digest of everything added, as 64 lower-case hexadecimal digits.
    public consuming func hexDigest() -> String {
        let bits = length * 8
        pending.append(0x80)
        while pending.count % 64 != 56 { pending.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) { pending.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        process(pending)
        let digits = Array("0123456789abcdef")
        return String(
            state.flatMap { word in (0..<8).map { digits[Int(word >> (28 - 4 * $0)) & 15] } }
        )
    }

    private mutating func process(_ blocks: [UInt8]) {
        blocks.withUnsafeBytes { process($0) }
    }

    private mutating func process(_ blocks: UnsafeRawBufferPointer) {
        guard let address = blocks.bindMemory(to: UInt8.self).baseAddress else { return }
        percept_sha256_blocks(&state, address, Int64(blocks.count / 64), isPortable ? 1 : 0)
    }

    /// The digest of some bytes.
    public static func hexDigest(of bytes: some Sequence<UInt8>) -> String {
        var digest = SHA256()
        Array(bytes).withUnsafeBytes { digest.update($0) }
        return digest.hexDigest()
    }
}
