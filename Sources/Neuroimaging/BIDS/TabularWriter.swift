extension TabularFile {
    /// A table of the given values.
    ///
    /// - Parameters:
    ///   - columns: the names of the columns.
    ///   - rows: one value per column in each; nothing is written as `n/a`.
    ///   - name: what errors call it.
    /// - Throws: `NeuroimagingError` for rows of another length, names that are not different, and values with line
    ///   breaks, which TSV cannot hold.
    public init(columns: [String], rows: [[String?]], name: String = "") throws(NeuroimagingError) {
        var bytes: [UInt8] = []
        try Self.append(columns, to: &bytes, name)
        for (index, row) in rows.enumerated() {
            guard row.count == columns.count else {
                throw NeuroimagingError(
                    .inconsistent,
                    name,
                    "row \(index + 1) has \(row.count) values, the table \(columns.count) columns"
                )
            }
            try Self.append(row, to: &bytes, name)
        }
        try self.init(bytes, name: name)
    }

    /// The content of the table's file: as it was read, or UTF-8 with LF line ends.
    public var content: [UInt8] { bytes }

    /// How a number is written: the shortest text that reads back as the same number, `n/a` for nothing and NaN.
    public static func text(_ number: Double?) -> String? {
        guard let number, !number.isNaN else { return nil }
        return number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
    }

    private static func append(_ row: [String?], to bytes: inout [UInt8], _ name: String) throws(NeuroimagingError) {
        for (index, value) in row.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "\t")) }
            let text = value ?? "n/a"
            guard !text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }) else {
                throw NeuroimagingError(
                    .unsupported,
                    name,
                    "“\(text.shortened)” holds a line break or a zero byte, which a TSV file cannot hold"
                )
            }
            // A lone empty value would look like an empty line.
            let needsQuotes = text.utf8.contains(0x09) || text.utf8.first == 0x22 || (text.isEmpty && row.count == 1)
            if needsQuotes {
                bytes.append(0x22)
                for byte in text.utf8 { bytes += byte == 0x22 ? [0x22, 0x22] : [byte] }
                bytes.append(0x22)
            } else {
                bytes += Array(text.utf8)
            }
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}
