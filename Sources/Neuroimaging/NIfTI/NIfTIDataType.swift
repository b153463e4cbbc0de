/// How a NIfTI file stores a voxel (the header's `datatype`).
public enum NIfTIDataType: Int, Sendable, CaseIterable {
    /// 8-bit unsigned.
    case uint8 = 2
    /// 16-bit signed.
    case int16 = 4
    /// 32-bit signed.
    case int32 = 8
    /// Single precision.
    case float32 = 16
    /// A pair of single precision.
    case complex64 = 32
    /// Double precision.
    case float64 = 64
    /// Red, green and blue of 8 bits.
    case rgb24 = 128
    /// 8-bit signed.
    case int8 = 256
    /// 16-bit unsigned.
    case uint16 = 512
    /// 32-bit unsigned.
    case uint32 = 768
    /// 64-bit signed.
    case int64 = 1024
    /// 64-bit unsigned.
    case uint64 = 1280
    /// Quadruple precision (IEEE binary128).
    case float128 = 1536
    /// A pair of double precision.
    case complex128 = 1792
    /// A pair of quadruple precision.
    case complex256 = 2048
    /// Red, green, blue and alpha of 8 bits.
    case rgba32 = 2304

    /// The bytes of a voxel.
    public var size: Int { componentSize * components }

    /// The bytes of each number of a voxel, the unit of byte order.
    var componentSize: Int {
        switch self {
        case .uint8, .int8, .rgb24, .rgba32: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32, .complex64: 4
        case .int64, .uint64, .float64, .complex128: 8
        case .float128, .complex256: 16
        }
    }

    private var components: Int {
        switch self {
        case .complex64, .complex128, .complex256: 2
        case .rgb24: 3
        case .rgba32: 4
        default: 1
        }
    }

    /// Whether a voxel is one real number.
    public var isScalar: Bool { components == 1 }

    /// The range of integers, nil for other types.
    var integerRange: ClosedRange<Double>? {
        switch self {
        case .uint8: 0...255
        case .int8: -128...127
        case .int16: -32768...32767
        case .uint16: 0...65535
        case .int32: Double(Int32.min)...Double(Int32.max)
        case .uint32: 0...Double(UInt32.max)
        case .int64: -0x1p63...(0x1p63).nextDown
        case .uint64: 0...(0x1p64).nextDown
        default: nil
        }
    }
}
