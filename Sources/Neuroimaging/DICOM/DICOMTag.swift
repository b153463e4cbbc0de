/// The number of a DICOM element: its group in the upper 16 bits, its element in the lower 16.
public struct DICOMTag: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// Group and element in one number.
    public let rawValue: UInt32

    /// Makes a tag of its number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Makes a tag of group and element.
    public init(_ group: UInt16, _ element: UInt16) { rawValue = UInt32(group) << 16 | UInt32(element) }

    /// The group, odd for private elements.
    public var group: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 16) }

    /// The element within the group.
    public var element: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

    /// As it is commonly written: `(0028,0010)`.
    public var description: String { "(\(Self.hexadecimal(group)),\(Self.hexadecimal(element)))" }

    private static func hexadecimal(_ number: UInt16) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

/// How the value of an element is written: its value representation (PS3.5, 6.2).
struct DICOMValueKind: RawRepresentable, Hashable, Sendable {
    /// The two letters.
    let rawValue: UInt16

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(_ first: UInt8, _ second: UInt8) { rawValue = UInt16(first) << 8 | UInt16(second) }

    init(_ letters: StaticString) {
        rawValue = letters.withUTF8Buffer { UInt16($0[0]) << 8 | UInt16($0[1]) }
    }

    static let sequence = DICOMValueKind("SQ")
    static let unknown = DICOMValueKind("UN")
    static let signedShort = DICOMValueKind("SS")
    static let unsignedShort = DICOMValueKind("US")
    static let signedLong = DICOMValueKind("SL")
    static let unsignedLong = DICOMValueKind("UL")
    static let signedVeryLong = DICOMValueKind("SV")
    static let unsignedVeryLong = DICOMValueKind("UV")
    static let float = DICOMValueKind("FL")
    static let double = DICOMValueKind("FD")
    static let otherFloat = DICOMValueKind("OF")
    static let otherDouble = DICOMValueKind("OD")
    static let otherByte = DICOMValueKind("OB")
    static let otherWord = DICOMValueKind("OW")
    static let attributeTag = DICOMValueKind("AT")
    static let decimalString = DICOMValueKind("DS")
    static let integerString = DICOMValueKind("IS")
    static let text = DICOMValueKind("LO")

    /// The kinds whose length takes four bytes after two that are reserved.
    static let long: Set<DICOMValueKind> = [
        DICOMValueKind("OB"), DICOMValueKind("OD"), DICOMValueKind("OF"), DICOMValueKind("OL"), DICOMValueKind("OV"),
        DICOMValueKind("OW"), DICOMValueKind("SQ"), DICOMValueKind("SV"), DICOMValueKind("UC"), DICOMValueKind("UN"),
        DICOMValueKind("UR"), DICOMValueKind("UT"), DICOMValueKind("UV"),
    ]

    /// Whether both bytes are capital letters, as in every value representation there is.
    var isPlausible: Bool {
        let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
        return letters.contains(UInt8(rawValue >> 8)) && letters.contains(UInt8(truncatingIfNeeded: rawValue))
    }
}
