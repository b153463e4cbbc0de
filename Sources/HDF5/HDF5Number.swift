import CHDF5
import CHDF5Shim

/// A type of number that data sets are read and written as, whatever the file stores.
public protocol HDF5Number: BitwiseCopyable, Sendable, ExpressibleByIntegerLiteral {
    /// Whether it is a floating-point number.
    static var isFloatingPoint: Bool { get }
    /// Whether it is a signed integer.
    static var isSigned: Bool { get }
}

extension HDF5Number {
    /// A new little-endian HDF5 type for it, which is this machine's; below 0 on failure.
    static func makeType() -> hid_t {
        let kind = isFloatingPoint ? PERCEPT_H5_FLOAT : isSigned ? PERCEPT_H5_SIGNED : PERCEPT_H5_UNSIGNED
        return percept_h5_number(Int32(kind.rawValue), Int32(MemoryLayout<Self>.size))
    }
}

extension Float: HDF5Number {
    /// A floating-point number.
    public static var isFloatingPoint: Bool { true }
    /// Not an integer.
    public static var isSigned: Bool { false }
}

extension Double: HDF5Number {
    /// A floating-point number.
    public static var isFloatingPoint: Bool { true }
    /// Not an integer.
    public static var isSigned: Bool { false }
}

extension Int64: HDF5Number {
    /// An integer.
    public static var isFloatingPoint: Bool { false }
    /// With a sign.
    public static var isSigned: Bool { true }
}

extension UInt8: HDF5Number {
    /// An integer.
    public static var isFloatingPoint: Bool { false }
    /// Without a sign.
    public static var isSigned: Bool { false }
}
