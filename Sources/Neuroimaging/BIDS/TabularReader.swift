/// Finds the lines and values of a table in bytes that are known to be UTF-8.
struct TabularReader {
    private let bytes: [UInt8]
    private let name: String
    private let limits: TabularFile.Limits
    /// Where the first line starts: after a byte order mark.
    private let start: Int
    private var position: Int
    private var line = 1

    init(bytes: [UInt8], name: String, limits: TabularFile.Limits) {
        self.bytes = bytes
        self.name = name
        self.limits = limits
        start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        position = start
    }

    /// Goes back to the first line.
    mutating func rewind() {
        position = start
        line = 1
    }

    /// The values of the first line.
    mutating func firstLine() throws(NeuroimagingError) -> [TabularFile.Cell] {
        guard position < bytes.count else {
            throw NeuroimagingError(.truncated, name, "the table is empty; it needs a line that names its columns")
        }
        var cells: [TabularFile.Cell] = []
        let end = try endOfLine()
        guard end > position else { throw error("the first line is empty; it has to name the columns") }
        try split(until: end, into: &cells, limit: limits.columns)
        nextLine()
        return cells
    }

    /// The values of all lines from here on, `columns` of each, and the number of lines.
    mutating func rows(columns: Int) throws(NeuroimagingError) -> ([TabularFile.Cell], Int) {
        // A value takes at least one byte with its separator, so that this is not more than the file's size.
        let (lines, separators) = remaining()
        var cells: [TabularFile.Cell] = []
        cells.reserveCapacity(min(lines.multipliedReportingOverflow(by: columns).partialValue, separators + 1))
        var count = 0
        while position < bytes.count {
            let end = try endOfLine()
            if end == position {
                try skipEmptyLines()
                break
            }
            guard count < limits.rows else { throw error("more rows than the limit, \(limits.rows)") }
            let before = cells.count
            try split(until: end, into: &cells, limit: columns)
            guard cells.count - before == columns else {
                throw error(
                    "\(cells.count - before) values where there are \(columns) columns; separate values by tabs and "
                        + "write n/a for a missing one"
                )
            }
            count += 1
            nextLine()
        }
        return (cells, count)
    }

    /// Upper bounds of the numbers of lines and values that follow.
    private func remaining() -> (lines: Int, separators: Int) {
        var lines = 1
        var tabs = 0
        for byte in bytes[position...] {
            if byte == UInt8(ascii: "\n") { lines += 1 }
            if byte == UInt8(ascii: "\t") { tabs += 1 }
        }
        return (lines, lines + tabs)
    }

    /// Where the line ends, without its CR.
    private func endOfLine() throws(NeuroimagingError) -> Int {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let text = end > position && end < bytes.count && bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
        guard !bytes[position..<text].contains(UInt8(ascii: "\r")) else {
            throw error("a carriage return without a line feed; end lines with LF or CRLF")
        }
        return text
    }

    private mutating func nextLine() {
        position = (bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - 1) + 1
        line += 1
    }

    /// Empty lines may only end a table: elsewhere they would shift the rows that follow.
    private mutating func skipEmptyLines() throws(NeuroimagingError) {
        let first = line
        while position < bytes.count {
            guard try endOfLine() == position else {
                line = first
                throw error("an empty line between rows; remove it, or write n/a for missing values")
            }
            nextLine()
        }
    }

    /// Appends the values of the line, at most one more than the limit.
    private func split(until end: Int, into cells: inout [TabularFile.Cell], limit: Int) throws(NeuroimagingError) {
        var start = position
        var count = 0
        while true {
            let stop = try endOfValue(start, end)
            guard count < limit else {
                throw error("more than \(limit) values; every line has as many values as the header names columns")
            }
            cells.append(TabularFile.Cell(start: UInt32(start), end: UInt32(stop)))
            count += 1
            if stop == end { return }
            start = stop + 1
        }
    }

    /// Where the value that starts at `start` ends: at a tab or at the end of the line.
    private func endOfValue(_ start: Int, _ end: Int) throws(NeuroimagingError) -> Int {
        guard start < end, bytes[start] == UInt8(ascii: "\"") else {
            return bytes[start..<end].firstIndex(of: UInt8(ascii: "\t")) ?? end
        }
        var place = start + 1
        while place < end {
            guard bytes[place] == UInt8(ascii: "\"") else {
                place += 1
                continue
            }
            let next = place + 1
            if next == end || bytes[next] == UInt8(ascii: "\t") { return next }
            guard bytes[next] == UInt8(ascii: "\"") else {
                throw error("text follows a closing quote; double the quotes inside of a quoted value")
            }
            place += 2
        }
        throw error("a quoted value is not closed on its line; close it, or remove the quote")
    }

    private func error(_ detail: String) -> NeuroimagingError {
        NeuroimagingError(.malformed, name.isEmpty ? "line \(line)" : "\(name): line \(line)", detail)
    }
}
