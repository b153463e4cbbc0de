extension DICOMDataSet {
    /// The text of an element without padding, or nil where it is absent or empty.
    public func string(_ tag: DICOMTag) -> String? {
        guard let bytes = bytes(tag) else { return nil }
        let text = DICOMText.trimmed(bytes)
        return text.isEmpty ? nil : DICOMText.decoded(text)
    }

    /// The texts of an element that are separated by backslashes; empty where it is absent or empty.
    public func strings(_ tag: DICOMTag) -> [String] {
        guard let bytes = bytes(tag), !DICOMText.trimmed(bytes).isEmpty else { return [] }
        return bytes.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false).map {
            DICOMText.decoded(DICOMText.trimmed($0))
        }
    }

    /// The numbers of an element, written as text or binary; empty where it is absent or empty.
    ///
    /// - Throws: ``NeuroimagingError`` with `malformed` where a number cannot be read.
    public func doubles(_ tag: DICOMTag) throws(NeuroimagingError) -> [Double] {
        guard let position = position(of: tag) else { return [] }
        let entry = contents.entries[position]
        let stated = entry.kind == .unknown ? DICOMDictionary.kind(of: tag) : entry.kind
        if let width = stated.width {
            guard Int(entry.length) % width == 0 else {
                throw NeuroimagingError(.malformed, "\(tag)", "\(entry.length) bytes are no whole number of values")
            }
            return (0..<Int(entry.length) / width).map { number(at: Int(entry.offset) + $0 * width, entry, as: stated) }
        }
        let bytes = contents.bytes[entry.range]
        guard !DICOMText.trimmed(bytes).isEmpty else { return [] }
        var numbers: [Double] = []
        for part in bytes.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false) {
            let text = DICOMText.decoded(DICOMText.trimmed(part))
            guard let number = Double(text), number.isFinite else {
                throw NeuroimagingError(.malformed, "\(tag)", "\"\(text.prefix(32))\" is no number")
            }
            numbers.append(number)
        }
        return numbers
    }

    /// The first number of an element, or nil where it is absent or empty.
    ///
    /// - Throws: ``NeuroimagingError`` with `malformed` where it cannot be read.
    public func double(_ tag: DICOMTag) throws(NeuroimagingError) -> Double? { try doubles(tag).first }

    /// The first number of an element as a whole number, or nil where it is absent or empty.
    ///
    /// - Throws: ``NeuroimagingError`` with `malformed` where it cannot be read or is no whole number.
    public func integer(_ tag: DICOMTag) throws(NeuroimagingError) -> Int? {
        guard let number = try double(tag) else { return nil }
        guard let integer = Int(exactly: number), abs(number) < 0x1p53 else {
            throw NeuroimagingError(.malformed, "\(tag)", "\(number) is no whole number")
        }
        return integer
    }

    /// The numbers of an element, or nil unless there are as many as expected and all are finite.
    func vector(_ tag: DICOMTag, count: Int) -> [Double]? {
        guard let numbers = try? doubles(tag), numbers.count >= count else { return nil }
        return numbers.allSatisfy(\.isFinite) ? Array(numbers.prefix(count)) : nil
    }

    /// A number that may be absent or unreadable.
    func optionalDouble(_ tag: DICOMTag) -> Double? {
        guard let number = try? double(tag), number.isFinite else { return nil }
        return number
    }

    /// A whole number that may be absent or unreadable.
    func optionalInteger(_ tag: DICOMTag) -> Int? { (try? integer(tag)) ?? nil }

    private func number(at offset: Int, _ entry: DICOMContents.Entry, as kind: DICOMValueKind) -> Double {
        let width = kind.width ?? 1
        var bits: UInt64 = 0
        for index in 0..<width {
            let byte = contents.bytes[offset + (entry.isBigEndian ? index : width - 1 - index)]
            bits = bits << 8 | UInt64(byte)
        }
        switch kind {
        case .signedShort: return Double(Int16(truncatingIfNeeded: bits))
        case .signedLong: return Double(Int32(truncatingIfNeeded: bits))
        case .signedVeryLong: return Double(Int64(bitPattern: bits))
        case .float, .otherFloat: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .double, .otherDouble: return Double(bitPattern: bits)
        default: return Double(bits)
        }
    }
}

extension DICOMValueKind {
    /// The bytes of one binary number, or nil for text and others.
    var width: Int? {
        switch self {
        case .signedShort, .unsignedShort: 2
        case .signedLong, .unsignedLong, .float, .otherFloat: 4
        case .signedVeryLong, .unsignedVeryLong, .double, .otherDouble: 8
        default: nil
        }
    }
}

/// Text of DICOM files.
enum DICOMText {
    /// The bytes without the blanks and zeros around them.
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isPadding = { (byte: UInt8) in byte == 0 || byte == 0x20 || (9...13).contains(byte) }
        let kept = bytes.drop(while: isPadding)
        guard let last = kept.lastIndex(where: { !isPadding($0) }) else { return [] }
        return kept[...last]
    }

    /// The text as UTF-8 where it is valid, as ISO 8859-1 otherwise.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}
