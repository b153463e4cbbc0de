import Foundation

/// A row of the session log.
public protocol LogRecord: Codable, Sendable, Equatable {
    /// The table that it belongs to.
    static var table: String { get }
    /// The number of the row; nil until it is stored.
    var id: Int64? { get set }
}

/// Numbers that are kept as bytes: IEEE 754, little-endian, one behind the other.
@propertyWrapper
public struct Packed<Number: BinaryFloatingPoint & BitwiseCopyable & Sendable>: Codable, Sendable, Equatable {
    /// The numbers.
    public var wrappedValue: [Number]

    /// Wraps numbers.
    public init(wrappedValue: [Number]) { self.wrappedValue = wrappedValue }

    /// Reads the bytes; throws where they are no whole number of numbers.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let bytes = try container.decode(Data.self)
        let size = MemoryLayout<Number>.stride
        guard bytes.count % size == 0 else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\(bytes.count) bytes are no whole number of numbers of \(size) bytes"
            )
        }
        wrappedValue = [Number](unsafeUninitializedCapacity: bytes.count / size) { buffer, count in
            bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
            count = bytes.count / size
        }
    }

    /// Writes the bytes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue.withUnsafeBytes { Data($0) })
    }
}

/// An unsigned number that is kept as the signed number of the same bits, because SQLite has no other.
@propertyWrapper
public struct SignedBits: Codable, Sendable, Equatable {
    /// The number.
    public var wrappedValue: UInt64

    /// Wraps a number.
    public init(wrappedValue: UInt64) { self.wrappedValue = wrappedValue }

    /// Reads the signed number.
    public init(from decoder: any Decoder) throws {
        wrappedValue = UInt64(bitPattern: try decoder.singleValueContainer().decode(Int64.self))
    }

    /// Writes the signed number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Int64(bitPattern: wrappedValue))
    }
}
