/// Reads the state that a `StateWriter` wrote.
///
/// The bytes come from a file that a crash may have damaged: each field's kind and length is checked before use.
public struct StateReader: Sendable {
    private let bytes: [UInt8]
    private var position = 0

    /// Reads from the start.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether everything was read.
    public var isAtEnd: Bool { position == bytes.count }

    /// Reads a field of doubles; throws if the field is of another kind or not of `count` numbers.
    public mutating func doubles(_ count: Int? = nil) throws(PreprocessingError) -> [Double] {
        try read(.double, count, zero: 0)
    }

    /// Reads a field of floats; throws if the field is of another kind or not of `count` numbers.
    public mutating func floats(_ count: Int? = nil) throws(PreprocessingError) -> [Float] {
        try read(.float, count, zero: 0)
    }

    /// Reads a field of integers; throws if the field is of another kind or not of `count` numbers.
    public mutating func integers(_ count: Int? = nil) throws(PreprocessingError) -> [Int] {
        try read(.integer, count, zero: Int64(0)).map(Int.init)
    }

    /// Reads a field of bytes; throws if the field is of another kind or not of `count` bytes.
    public mutating func byteField(_ count: Int? = nil) throws(PreprocessingError) -> [UInt8] {
        try read(.byte, count, zero: 0)
    }

    /// Reads a number.
    public mutating func double() throws(PreprocessingError) -> Double { try doubles(1)[0] }

    /// Reads an integer.
    public mutating func integer() throws(PreprocessingError) -> Int { try integers(1)[0] }

    /// Reads a truth value.
    public mutating func bool() throws(PreprocessingError) -> Bool { try integer() != 0 }

    private mutating func read<Element: BitwiseCopyable>(
        _ kind: StateField,
        _ expected: Int?,
        zero: Element
    ) throws(PreprocessingError) -> [Element] {
        guard bytes.count - position >= 9 else { throw Self.damaged("ends early") }
        guard bytes[position] == kind.rawValue else {
            throw Self.damaged("holds another kind of number at byte \(position)")
        }
        let size = MemoryLayout<Element>.size
        let declared = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[position + 1 + $1]) << UInt64(8 * $1) }
        guard declared <= UInt64((bytes.count - position - 9) / size) else { throw Self.damaged("ends early") }
        let count = Int(declared)
        if let expected, expected != count {
            throw Self.damaged("has \(count) numbers at byte \(position), not \(expected)")
        }
        let start = position + 9
        position = start + count * size
        return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            bytes.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[start..<start + count * size])
                )
            }
            initialized = count
        }
    }

    private static func damaged(_ what: String) -> PreprocessingError {
        PreprocessingError(.damagedState, "saved state", "\(what); it belongs to another configuration or is damaged")
    }
}
