/// Values by index as columns of blocks, the newest at the right.
///
/// Where there are more values than columns, each column is the largest of some: what sticks out is never lost. Which
/// values share a column depends on their indices alone, so that the picture moves in steps and does not flicker.
public struct Sparkline: Sendable, Equatable {
    /// The largest value of each column; nil where there is none.
    public private(set) var columns: [Double?]
    /// The value at the top.
    public private(set) var top: Double

    /// Arranges values.
    ///
    /// - Parameters:
    ///   - values: Indices from 0 in ascending order, and values from 0.
    ///   - span: How many indices are to be seen.
    ///   - width: The number of columns.
    ///   - threshold: A value that is to be inside, with as much above it as below.
    public init(_ values: [(index: Int, value: Double)], span: Int, width: Int, threshold: Double? = nil) {
        let width = max(0, width)
        let group = width > 0 ? max(1, (span + width - 1) / width) : 1
        columns = [Double?](repeating: nil, count: width)
        let last = (values.last?.index ?? 0) / group
        for (index, value) in values where value.isFinite {
            let column = index / group - last + width - 1
            guard columns.indices.contains(column) else { continue }
            columns[column] = max(columns[column] ?? 0, value)
        }
        let largest = columns.compactMap { $0 }.max() ?? 0
        top = max(largest, (threshold ?? 0) * 2)
        if top <= 0 { top = 1 }
    }

    /// The height of a column in eighths of rows; at least 1 for a value, nil where there is none.
    public func eighths(_ column: Int, rows: Int) -> Int? {
        guard let value = columns[column] else { return nil }
        let share = min(1, max(0, value / top))
        return max(1, Int((share * Double(rows * 8)).rounded()))
    }

    private static let blocks = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// Draws it; columns above the threshold are in the colour of alarm, and a line shows where it is.
    public func canvas(rows: Int, threshold: Double? = nil) -> Canvas {
        var canvas = Canvas(width: columns.count, height: rows)
        // The row in whose cell the threshold lies; with one row there is no place for a line.
        let line = threshold.map { rows - 1 - min(rows - 1, Int($0 / top * Double(rows))) }
        for (column, value) in columns.enumerated() {
            let isAbove = if let value, let threshold { value > threshold } else { false }
            let height = eighths(column, rows: rows) ?? 0
            for row in 0..<rows {
                let level = min(8, max(0, height - (rows - 1 - row) * 8))
                if level > 0 {
                    canvas.set(Self.blocks[level], row: row, column: column, style: Style(isAbove ? .alarm : .measure))
                } else if row == line, rows > 1 {
                    canvas.set("┈", row: row, column: column, style: .faint)
                }
            }
        }
        return canvas
    }
}
