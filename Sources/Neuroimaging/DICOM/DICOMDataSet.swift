/// The elements of a DICOM file, or of one item of a sequence in it (PS3.5, PS3.10).
///
/// It keeps the file's bytes and, for each element, where its value is in them: nothing is copied, so that it takes
/// little more memory than the file. Values are read when asked for.
public struct DICOMDataSet: Sendable {
    let contents: DICOMContents
    /// The entries of this data set, those of nested items included.
    let entries: Range<Int>

    init(contents: DICOMContents, entries: Range<Int>) {
        self.contents = contents
        self.entries = entries
    }

    /// Reads the elements of a file.
    ///
    /// Files without the 128-byte preamble and the letters `DICM` are refused, as are elements that are longer than
    /// what holds them. Pixel data may be cut short: the rest of the file is then read all the same, and the pixels
    /// are refused as truncated.
    ///
    /// - Throws: ``NeuroimagingError`` with `malformed`, `truncated` or `unsupported`.
    public init(_ bytes: [UInt8]) throws(NeuroimagingError) {
        let contents = try DICOMParser.contents(of: bytes)
        self.init(contents: contents, entries: 0..<contents.entries.count)
    }

    /// How the file is encoded.
    public var transferSyntax: DICOMTransferSyntax { contents.transferSyntax }

    /// The number of elements, not counting those of nested items.
    public var count: Int {
        var (count, index) = (0, entries.lowerBound)
        while index < entries.upperBound {
            count += 1
            index = contents.entries[index].end
        }
        return count
    }

    /// The tags of the elements in the order of the file, not counting those of nested items.
    public var tags: [DICOMTag] {
        var (tags, index): ([DICOMTag], Int) = ([], entries.lowerBound)
        while index < entries.upperBound {
            tags.append(DICOMTag(rawValue: contents.entries[index].tag))
            index = contents.entries[index].end
        }
        return tags
    }

    /// Whether an element is there, empty or not.
    public func contains(_ tag: DICOMTag) -> Bool { position(of: tag) != nil }

    /// The items of a sequence; none where there is no such sequence.
    public func items(_ tag: DICOMTag) -> [DICOMDataSet] {
        guard let position = position(of: tag) else { return [] }
        var (items, index): ([DICOMDataSet], Int) = ([], position + 1)
        let end = contents.entries[position].end
        while index < end {
            items.append(DICOMDataSet(contents: contents, entries: index + 1..<contents.entries[index].end))
            index = contents.entries[index].end
        }
        return items
    }

    /// The bytes of an element's value, or nil where it is absent.
    public func bytes(_ tag: DICOMTag) -> ArraySlice<UInt8>? {
        position(of: tag).map { contents.bytes[contents.entries[$0].range] }
    }

    /// Where an element is among the entries.
    func position(of tag: DICOMTag) -> Int? {
        var index = entries.lowerBound
        while index < entries.upperBound {
            if contents.entries[index].tag == tag.rawValue { return index }
            index = contents.entries[index].end
        }
        return nil
    }
}

/// What was found in a file: shared by all its data sets.
final class DICOMContents: Sendable {
    /// One element, or one item of a sequence, which is followed by the entries within it.
    struct Entry {
        var tag: UInt32
        var kind: DICOMValueKind
        /// Whether the element's numbers are big-endian.
        var isBigEndian: Bool
        var offset: UInt32
        var length: UInt32
        var next: UInt32

        /// Where the value is in the bytes.
        var range: Range<Int> { Int(offset)..<Int(offset) + Int(length) }
        /// The index after this entry and those within it.
        var end: Int { Int(next) }
    }

    let bytes: [UInt8]
    let entries: [Entry]
    let transferSyntax: DICOMTransferSyntax
    /// How many bytes the pixel data were said to have, where the file ends before.
    let truncatedPixelLength: Int?

    init(bytes: [UInt8], entries: [Entry], transferSyntax: DICOMTransferSyntax, truncatedPixelLength: Int?) {
        self.bytes = bytes
        self.entries = entries
        self.transferSyntax = transferSyntax
        self.truncatedPixelLength = truncatedPixelLength
    }
}
