/// Finds the elements of a DICOM file.
struct DICOMParser {
    /// Sequences nested deeper than this are refused; those of scanners have at most about six levels.
    static let depthLimit = 24

    private let bytes: [UInt8]
    private var entries: [DICOMContents.Entry] = []
    private var isExplicit = true
    private var isBigEndian = false
    private var truncatedPixelLength: Int?

    private static let undefinedLength: UInt32 = 0xFFFF_FFFF
    private static let item: UInt32 = 0xFFFE_E000
    private static let itemEnd: UInt32 = 0xFFFE_E00D
    private static let sequenceEnd: UInt32 = 0xFFFE_E0DD

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a whole file.
    static func contents(of bytes: [UInt8]) throws(NeuroimagingError) -> DICOMContents {
        guard bytes.count >= 132 else {
            throw NeuroimagingError(
                bytes.starts(with: [0, 0, 0, 0]) || bytes.isEmpty ? .truncated : .malformed,
                "",
                "missing DICM prefix: the file has \(bytes.count) bytes and the prefix ends at byte 132"
            )
        }
        guard bytes[128..<132].elementsEqual("DICM".utf8) else {
            throw NeuroimagingError(.malformed, "", "missing DICM prefix at byte 128: this is no DICOM file")
        }
        guard bytes.count < Int(UInt32.max) else {
            throw NeuroimagingError(.unsupported, "", "files of 4 GiB or more are not read")
        }
        var parser = DICOMParser(bytes)
        let start = try parser.readMetaInformation()
        let syntax = parser.transferSyntax(at: start)
        guard !syntax.isDeflated else {
            throw NeuroimagingError(
                .unsupported,
                "",
                "the transfer syntax \(syntax.identifier) (\(syntax.name)) is not read"
            )
        }
        (parser.isExplicit, parser.isBigEndian) = (syntax.isExplicit, syntax.isBigEndian)
        _ = try parser.readElements(from: start, to: bytes.count, depth: 0, isItem: false)
        return DICOMContents(
            bytes: bytes,
            entries: parser.entries,
            transferSyntax: syntax,
            truncatedPixelLength: parser.truncatedPixelLength
        )
    }

    /// Reads group 0002, which is always explicit and little-endian, and says where it ends.
    private mutating func readMetaInformation() throws(NeuroimagingError) -> Int {
        var offset = 132
        while offset + 8 <= bytes.count, number16(offset) == 2 {
            offset = try readElement(at: offset, to: bytes.count, depth: 0)
        }
        return offset
    }

    /// The transfer syntax that the meta information names, or that the first element suggests.
    private func transferSyntax(at start: Int) -> DICOMTransferSyntax {
        let tag = DICOMTag.transferSyntax.rawValue
        let named = entries.first { $0.tag == tag }.map { entry in
            String(decoding: bytes[entry.range].prefix { $0 != 0 && $0 != 0x20 }, as: UTF8.self)
        }
        if let named, !named.isEmpty { return DICOMTransferSyntax(named) }
        let looksExplicit = start + 6 <= bytes.count && DICOMValueKind(bytes[start + 4], bytes[start + 5]).isPlausible
        return looksExplicit ? DICOMTransferSyntax("1.2.840.10008.1.2.1") : .implicitLittleEndian
    }

    /// Reads elements up to the end, or up to the delimiter of an item, and says where they end.
    private mutating func readElements(
        from start: Int,
        to end: Int,
        depth: Int,
        isItem: Bool
    ) throws(NeuroimagingError) -> Int {
        var offset = start
        while offset < end {
            guard end - offset >= 8 else {
                // Less than an element after the pixels is padding.
                if depth == 0, hasPixels { return end }
                throw truncated("the elements", at: offset, needs: 8, has: end - offset)
            }
            if isItem, tag(offset) == Self.itemEnd { return offset + 8 }
            offset = try readElement(at: offset, to: end, depth: depth)
        }
        return offset
    }

    private var hasPixels: Bool { entries.contains { $0.tag == DICOMTag.pixelData.rawValue } }

    /// Reads one element and says where the next starts.
    private mutating func readElement(at start: Int, to end: Int, depth: Int) throws(NeuroimagingError) -> Int {
        let tag = tag(start)
        let (kind, length, offset) = try readHeader(tag, at: start, to: end)
        let name = DICOMTag(rawValue: tag)
        let index = entries.count
        entries.append(
            DICOMContents.Entry(
                tag: tag,
                kind: kind,
                isBigEndian: isBigEndian,
                offset: UInt32(offset),
                length: 0,
                next: UInt32(index + 1)
            )
        )
        var next = offset
        if length == Self.undefinedLength {
            guard tag >> 16 != 2 else { throw malformed("\(name) of the meta information has no length", at: start) }
            if tag == DICOMTag.pixelData.rawValue {
                next = try readFragments(from: offset, to: end)
            } else {
                next = try readSequence(from: offset, to: end, depth: depth + 1, isDelimited: true, kind: kind)
            }
        } else if Int(length) > end - offset {
            guard depth == 0, tag == DICOMTag.pixelData.rawValue else {
                throw truncated("\(name)", at: start, needs: Int(length), has: end - offset)
            }
            truncatedPixelLength = Int(length)
            next = end
        } else {
            next = offset + Int(length)
            if kind == .sequence {
                _ = try readSequence(from: offset, to: next, depth: depth + 1, isDelimited: false, kind: kind)
            } else if kind == .unknown, DICOMDictionary.kind(of: name) == .sequence {
                readHiddenSequence(from: offset, to: next, depth: depth + 1)
            }
        }
        entries[index].length = UInt32(next - offset)
        entries[index].next = UInt32(entries.count)
        return next
    }

    /// Reads value representation and length, and says where the value starts.
    private func readHeader(
        _ tag: UInt32,
        at start: Int,
        to end: Int
    ) throws(NeuroimagingError) -> (DICOMValueKind, UInt32, Int) {
        let name = DICOMTag(rawValue: tag)
        guard tag >> 16 != 0xFFFE else {
            throw malformed("the delimiter \(name) stands where an element should", at: start)
        }
        let kind = DICOMValueKind(bytes[start + 4], bytes[start + 5])
        guard isExplicit, kind.isPlausible else {
            // Some explicit files have implicit elements among the others.
            return (DICOMDictionary.kind(of: name), number32(start + 4), start + 8)
        }
        guard DICOMValueKind.long.contains(kind) else { return (kind, UInt32(number16(start + 6)), start + 8) }
        guard end - start >= 12 else { throw truncated("\(name)", at: start, needs: 12, has: end - start) }
        return (kind, number32(start + 8), start + 12)
    }

    /// Reads a sequence that was passed on as unknown, as archives do with private ones, if it is one.
    private mutating func readHiddenSequence(from start: Int, to end: Int, depth: Int) {
        guard end - start >= 8, bytes[start..<start + 4].elementsEqual([0xFE, 0xFF, 0x00, 0xE0]) else { return }
        let count = entries.count
        do {
            _ = try readSequence(from: start, to: end, depth: depth, isDelimited: false, kind: .unknown)
        } catch {
            entries.removeSubrange(count...)
        }
    }

    /// Reads the items of a sequence and says where the sequence ends.
    ///
    /// Unknown elements without a length are sequences in the implicit encoding (PS3.5, 6.2.2, note 2).
    private mutating func readSequence(
        from start: Int,
        to end: Int,
        depth: Int,
        isDelimited: Bool,
        kind: DICOMValueKind
    ) throws(NeuroimagingError) -> Int {
        guard depth <= Self.depthLimit else {
            throw malformed("sequences are nested deeper than \(Self.depthLimit) levels", at: start)
        }
        let outer = (isExplicit, isBigEndian)
        defer { (isExplicit, isBigEndian) = outer }
        if kind == .unknown { (isExplicit, isBigEndian) = (false, false) }
        var offset = start
        while offset < end {
            guard end - offset >= 8 else { throw truncated("a sequence", at: offset, needs: 8, has: end - offset) }
            let (tag, length) = (tag(offset), number32(offset + 4))
            if tag == Self.sequenceEnd { return offset + 8 }
            guard tag == Self.item else {
                throw malformed("a sequence has \(DICOMTag(rawValue: tag)) where an item should start", at: offset)
            }
            offset += 8
            guard length == Self.undefinedLength || Int(length) <= end - offset else {
                throw truncated("an item", at: offset, needs: Int(length), has: end - offset)
            }
            let index = appendItem(at: offset)
            if length == Self.undefinedLength {
                offset = try readElements(from: offset, to: end, depth: depth, isItem: true)
            } else {
                let itemEnd = offset + Int(length)
                _ = try readElements(from: offset, to: itemEnd, depth: depth, isItem: true)
                offset = itemEnd
            }
            entries[index].length = UInt32(offset) - entries[index].offset
            entries[index].next = UInt32(entries.count)
        }
        if isDelimited { throw truncated("a sequence without its delimiter", at: start, needs: 8, has: 0) }
        return offset
    }

    /// Reads the fragments of encapsulated pixel data (PS3.5, A.4), of which the first is the table of offsets.
    private mutating func readFragments(from start: Int, to end: Int) throws(NeuroimagingError) -> Int {
        var offset = start
        while end - offset >= 8 {
            let (tag, length) = (tag(offset), number32(offset + 4))
            if tag == Self.sequenceEnd { return offset + 8 }
            guard tag == Self.item else {
                throw malformed("pixel data have \(DICOMTag(rawValue: tag)) where a fragment should start", at: offset)
            }
            offset += 8
            guard Int(length) <= end - offset else {
                truncatedPixelLength = offset - start + Int(length)
                return end
            }
            let index = appendItem(at: offset)
            entries[index].length = length
            offset += Int(length)
        }
        truncatedPixelLength = offset - start + 8
        return end
    }

    private mutating func appendItem(at offset: Int) -> Int {
        entries.append(
            DICOMContents.Entry(
                tag: Self.item,
                kind: .sequence,
                isBigEndian: isBigEndian,
                offset: UInt32(offset),
                length: 0,
                next: UInt32(entries.count + 1)
            )
        )
        return entries.count - 1
    }

    private func tag(_ offset: Int) -> UInt32 { UInt32(number16(offset)) << 16 | UInt32(number16(offset + 2)) }

    private func number16(_ offset: Int) -> UInt16 {
        let (first, second) = (UInt16(bytes[offset]), UInt16(bytes[offset + 1]))
        return isBigEndian ? first << 8 | second : second << 8 | first
    }

    private func number32(_ offset: Int) -> UInt32 {
        let (first, second) = (UInt32(number16(offset)), UInt32(number16(offset + 2)))
        return isBigEndian ? first << 16 | second : second << 16 | first
    }

    private func malformed(_ detail: String, at offset: Int) -> NeuroimagingError {
        NeuroimagingError(.malformed, "byte \(offset)", detail)
    }

    private func truncated(_ what: String, at offset: Int, needs: Int, has: Int) -> NeuroimagingError {
        NeuroimagingError(.truncated, "byte \(offset)", "\(what) needs \(needs) more bytes and there are \(has)")
    }
}
