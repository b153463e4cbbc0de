/// Reads numbers of either byte order from bytes whose length was checked.
struct BinaryReader {
    let bytes: [UInt8]
    let isBigEndian: Bool

    /// The bit pattern of `size` bytes (at most 8) at an offset; zero beyond the end.
    private func pattern(_ offset: Int, _ size: Int) -> UInt64 {
        guard offset >= 0, offset + size <= bytes.count else { return 0 }
        var value: UInt64 = 0
        for index in 0..<size {
            value = value << 8 | UInt64(bytes[offset + (isBigEndian ? index : size - 1 - index)])
        }
        return value
    }

    func int16(_ offset: Int) -> Int { Int(Int16(truncatingIfNeeded: pattern(offset, 2))) }
    func int32(_ offset: Int) -> Int { Int(Int32(truncatingIfNeeded: pattern(offset, 4))) }
    func int64(_ offset: Int) -> Int { Int(Int64(truncatingIfNeeded: pattern(offset, 8))) }
    func float(_ offset: Int) -> Double { Double(Float(bitPattern: UInt32(truncatingIfNeeded: pattern(offset, 4)))) }
    func double(_ offset: Int) -> Double { Double(bitPattern: pattern(offset, 8)) }

    /// The text up to the first zero byte, in Latin-1.
    func text(_ offset: Int, _ size: Int) -> String {
        guard offset >= 0, offset + size <= bytes.count else { return "" }
        return String(
            String.UnicodeScalarView(bytes[offset..<offset + size].prefix { $0 != 0 }.map { Unicode.Scalar($0) })
        )
    }
}
