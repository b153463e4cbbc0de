/// A table of text: a BIDS TSV file.
///
/// Values are separated by tabs and lines end with LF or CRLF. Missing values are `n/a`; an empty value counts as
/// missing too, and a byte order mark is skipped. A value that begins with a double quote ends with one and may hold
/// tabs, and doubled quotes for quotes, as spreadsheet and data frame programs write them.
///
/// The table keeps the bytes of the file and where each value lies, at most 9 times the size of the file altogether.
public struct TabularFile: Sendable, Equatable {
    /// How large a file may be.
    public struct Limits: Sendable, Equatable {
        /// The largest number of bytes.
        public var bytes: Int
        /// The largest number of columns.
        public var columns: Int
        /// The largest number of rows.
        public var rows: Int

        /// Sets limits; without arguments 256 MiB, 65 536 columns and 10 million rows.
        public init(bytes: Int = 1 << 28, columns: Int = 1 << 16, rows: Int = 10_000_000) {
            self.bytes = bytes
            self.columns = columns
            self.rows = rows
        }
    }

    /// Where a value lies in the bytes.
    struct Cell: Sendable, Equatable {
        var start: UInt32
        var end: UInt32
    }

    /// What errors call the table: the path of its file, or nothing.
    public let name: String
    /// The names of the columns, all different.
    public let columns: [String]
    /// The number of rows, without the header.
    public let rowCount: Int

    let bytes: [UInt8]
    let cells: [Cell]
    /// The line of the first row, from 1.
    let firstLine: Int

    /// Reads a table.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file, UTF-8.
    ///   - name: what errors call it.
    ///   - hasHeader: whether the first line names the columns. If not, they are named `1`, `2` and so on.
    ///   - limits: how large it may be.
    /// - Throws: `NeuroimagingError` that names the line, for what is no such table, and for lines whose number of
    ///   values differs from the header's.
    public init(
        _ bytes: [UInt8],
        name: String = "",
        hasHeader: Bool = true,
        limits: Limits = Limits()
    ) throws(NeuroimagingError) {
        guard bytes.count <= min(limits.bytes, Int(UInt32.max)) else {
            throw NeuroimagingError(.unsupported, name, "\(bytes.count) bytes are more than the limit, \(limits.bytes)")
        }
        try Self.checkText(bytes, name)
        var reader = TabularReader(bytes: bytes, name: name, limits: limits)
        let header = try reader.firstLine()
        self.bytes = bytes
        self.name = name
        firstLine = hasHeader ? 2 : 1
        if hasHeader {
            columns = try Self.names(header.map { Self.text(bytes, $0) }, name)
        } else {
            columns = header.indices.map { String($0 + 1) }
            reader.rewind()
        }
        (cells, rowCount) = try reader.rows(columns: columns.count)
    }

    /// The place of a column, or nothing where there is no such column.
    public func column(_ name: String) -> Int? { columns.firstIndex(of: name) }

    /// A value as it was written, without the quotes around it.
    public subscript(row: Int, column: Int) -> String {
        precondition(row >= 0 && row < rowCount && column >= 0 && column < columns.count, "no such value")
        return Self.text(bytes, cells[row * columns.count + column])
    }

    /// A value, or nothing where it is missing.
    public func value(_ row: Int, _ column: Int) -> String? {
        let text = self[row, column]
        return text.isEmpty || text == "n/a" ? nil : text
    }

    /// A value as a number, or nothing where it is missing; `NaN` and `inf` are numbers.
    ///
    /// - Throws: `NeuroimagingError` that names line and column, where it is another text.
    public func number(_ row: Int, _ column: Int) throws(NeuroimagingError) -> Double? {
        guard let text = value(row, column) else { return nil }
        guard let number = Double(text.trimmed) else {
            throw error(row, column, "“\(text.shortened)” is not a number; write n/a for a missing one")
        }
        return number
    }

    /// A column as numbers, NaN where one is missing.
    ///
    /// - Throws: `NeuroimagingError` that names line and column, where one is another text.
    public func numbers(_ column: Int) throws(NeuroimagingError) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(rowCount)
        for row in 0..<rowCount { result.append(try number(row, column) ?? .nan) }
        return result
    }

    /// The line of the file on which a row stands, from 1.
    public func line(_ row: Int) -> Int { firstLine + row }

    /// A failure that names the file, the line and the column of a value.
    func error(_ row: Int, _ column: Int, _ detail: String) -> NeuroimagingError {
        let place = "line \(line(row)), column \(columns[column].shortened)"
        return NeuroimagingError(.malformed, name.isEmpty ? place : "\(name): \(place)", detail)
    }

    /// The names of columns, if they are all different.
    private static func names(_ names: [String], _ subject: String) throws(NeuroimagingError) -> [String] {
        var seen = Set<String>()
        for name in names where !seen.insert(name).inserted {
            throw NeuroimagingError(
                .malformed,
                subject.isEmpty ? "line 1" : "\(subject): line 1",
                "the column “\(name.shortened)” appears twice; give every column a name of its own"
            )
        }
        return names
    }

    /// A value without the quotes around it.
    static func text(_ bytes: [UInt8], _ cell: Cell) -> String {
        let field = bytes[Int(cell.start)..<Int(cell.end)]
        guard field.first == UInt8(ascii: "\"") else { return String(decoding: field, as: UTF8.self) }
        var unquoted: [UInt8] = []
        unquoted.reserveCapacity(field.count)
        var isEscaped = false
        for byte in field.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\""), !isEscaped {
                isEscaped = true
            } else {
                unquoted.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: unquoted, as: UTF8.self)
    }
}

extension TabularFile {
    /// Refuses what is not UTF-8 text, naming the line.
    private static func checkText(_ bytes: [UInt8], _ name: String) throws(NeuroimagingError) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw NeuroimagingError(.malformed, name, "the text is UTF-16; save it as UTF-8")
        }
        if bytes.starts(with: [0x1F, 0x8B]) {
            throw NeuroimagingError(.malformed, name, "the file is compressed; decompress it first")
        }
        var line = 1
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let subject = name.isEmpty ? "line \(line)" : "\(name): line \(line)"
            if bytes[start..<end].contains(0) {
                throw NeuroimagingError(.malformed, subject, "a zero byte: this is not a text file")
            }
            guard isUTF8(bytes[start..<end]) else {
                throw NeuroimagingError(.malformed, subject, "a character is not valid UTF-8; save the file as UTF-8")
            }
            start = end + 1
            line += 1
        }
    }

    private static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
    }
}

extension String {
    /// Without spaces at both ends.
    var trimmed: String {
        guard let first = firstIndex(where: { $0 != " " }), let last = lastIndex(where: { $0 != " " }) else {
            return ""
        }
        return String(self[first...last])
    }

    /// At most 40 characters of it, for messages.
    var shortened: String { count <= 40 ? self : prefix(40) + "…" }
}
