/// Writes the state of a processing step, so that a run can go on after a restart with identical results.
///
/// Numbers are stored bit for bit, little-endian, each field after its kind and length.
public struct StateWriter: Sendable {
    /// What was written.
    public private(set) var bytes: [UInt8] = []

    /// Starts an empty state.
    public init() {}

    /// Writes a field of doubles.
    public mutating func write(_ values: [Double]) { write(kind: .double, values) }

    /// Writes a field of floats.
    public mutating func write(_ values: [Float]) { write(kind: .float, values) }

    /// Writes a field of integers.
    public mutating func write(_ values: [Int]) { write(kind: .integer, values.map(Int64.init)) }

    /// Writes a field of bytes.
    public mutating func write(_ values: [UInt8]) { write(kind: .byte, values) }

    /// Writes a number.
    public mutating func write(_ value: Double) { write([value]) }

    /// Writes an integer.
    public mutating func write(_ value: Int) { write([value]) }

    /// Writes a truth value.
    public mutating func write(_ value: Bool) { write([value ? 1 : 0]) }

    private mutating func write<Element>(kind: StateField, _ values: [Element]) {
        bytes.append(kind.rawValue)
        withUnsafeBytes(of: UInt64(values.count).littleEndian) { bytes.append(contentsOf: $0) }
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
}

/// What a field holds.
enum StateField: UInt8 {
    case double = 1
    case float, integer, byte
}
