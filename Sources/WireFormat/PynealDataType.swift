/// The type of a voxel, as NumPy names it.
public enum PynealDataType: String, Sendable, CaseIterable {
    /// 8-bit signed.
    case int8
    /// 8-bit unsigned.
    case uint8
    /// 16-bit signed.
    case int16
    /// 16-bit unsigned.
    case uint16
    /// 32-bit signed.
    case int32
    /// 32-bit unsigned.
    case uint32
    /// 64-bit signed.
    case int64
    /// 64-bit unsigned.
    case uint64
    /// Single precision.
    case float32
    /// Double precision.
    case float64

    private static let codes: [String: PynealDataType] = [
        "i1": .int8, "u1": .uint8, "i2": .int16, "u2": .uint16, "i4": .int32, "u4": .uint32, "i8": .int64,
        "u8": .uint64, "f4": .float32, "f8": .float64, "bool": .uint8, "b1": .uint8,
    ]

    /// Reads a name such as `float64`, or a code such as `<f8`; nil for types that are not one real number.
    init?(name: Substring) {
        guard let type = Self(rawValue: String(name)) ?? Self.codes[String(name)] else { return nil }
        self = type
    }

    /// The bytes of a voxel.
    public var size: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }
}
