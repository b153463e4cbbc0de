/// The CSA header of Siemens' V series: named values in a binary block, in private element (0029,1010) or (0029,1020).
///
/// The newer form (CSA2) starts with the letters `SV10`, the older one (CSA1) with the number of its entries. Numbers
/// are little-endian. An entry has a name of 64 bytes, its multiplicity, type and number of items; an item has four
/// numbers, of which the length is the second (CSA2) or the first less an offset (CSA1), and then text that is padded
/// to four bytes.
struct SiemensCSAHeader: Sendable, Equatable {
    /// The texts of each entry that has any.
    let values: [String: [String]]

    private static let entryLimit = 1000
    private static let itemLimit = 1000

    /// Reads a header.
    ///
    /// - Throws: ``NeuroimagingError`` with `malformed` where entries do not fit into the bytes.
    init(_ bytes: ArraySlice<UInt8>) throws(NeuroimagingError) {
        var reader = Reader(bytes: bytes, offset: bytes.startIndex)
        let isNew = bytes.starts(with: Array("SV10".utf8))
        if isNew { reader.offset += 8 }
        let count = try reader.number()
        guard (1...Self.entryLimit).contains(count) else {
            throw NeuroimagingError(.malformed, "CSA header", "it says that it has \(count) entries")
        }
        reader.offset += 4
        var values: [String: [String]] = [:]
        var offset: Int?
        for _ in 0..<count {
            let name = try reader.text(64)
            reader.offset += 12
            let items = try reader.number()
            reader.offset += 4
            guard (0...Self.itemLimit).contains(items) else {
                throw NeuroimagingError(.malformed, "CSA header", "the entry \(name) says that it has \(items) items")
            }
            // The lengths of CSA1 are offset by the number of items of the first entry.
            offset = offset ?? items
            var texts: [String] = []
            for _ in 0..<items {
                let (first, second) = (try reader.number(), try reader.number())
                reader.offset += 8
                var length = isNew ? second : first - (offset ?? 0)
                if !isNew, length < 0 || length > bytes.endIndex - reader.offset { length = 0 }
                let text = try reader.text(length)
                reader.offset += (4 - length % 4) % 4
                if !text.isEmpty { texts.append(text) }
            }
            if !texts.isEmpty { values[name] = texts }
        }
        self.values = values
    }

    /// The numbers of an entry; empty where it is absent or holds other text.
    func numbers(_ name: String) -> [Double] {
        let numbers = (values[name] ?? []).map { Double($0) }
        return numbers.contains { $0 == nil } ? [] : numbers.compactMap { $0 }
    }

    private struct Reader {
        let bytes: ArraySlice<UInt8>
        var offset: Int

        mutating func number() throws(NeuroimagingError) -> Int {
            guard bytes.endIndex - offset >= 4 else {
                throw NeuroimagingError(.malformed, "CSA header", "it ends within an entry")
            }
            let number = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
            offset += 4
            return Int(Int32(bitPattern: number))
        }

        mutating func text(_ length: Int) throws(NeuroimagingError) -> String {
            guard length >= 0, bytes.endIndex - offset >= length else {
                throw NeuroimagingError(.malformed, "CSA header", "an entry of \(length) bytes does not fit")
            }
            let text = bytes[offset..<offset + length].prefix { $0 != 0 }
            offset += length
            return DICOMText.decoded(DICOMText.trimmed(text))
        }
    }
}
