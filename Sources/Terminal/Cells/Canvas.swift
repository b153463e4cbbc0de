/// A grid of cells that is drawn on; what lies outside of it is left out.
///
/// All text goes through ``DisplayText``, so no cell ever holds a control character.
public struct Canvas: Sendable, Equatable {
    /// The number of columns.
    public let width: Int
    /// The number of rows.
    public let height: Int
    /// The cells, row by row.
    public private(set) var cells: [Cell]

    /// An empty grid; a negative size counts as none.
    public init(width: Int, height: Int) {
        self.width = max(0, width)
        self.height = max(0, height)
        cells = [Cell](repeating: .blank, count: self.width * self.height)
    }

    /// The cell in a row and column, which must be inside.
    public subscript(row: Int, column: Int) -> Cell { cells[row * width + column] }

    /// Writes text from a column on, as far as there is room; returns the column after it.
    ///
    /// - Parameter end: The column before which it must end; by default the canvas's width.
    @discardableResult
    public mutating func write(
        _ text: String,
        row: Int,
        column: Int = 0,
        style: Style = .plain,
        before end: Int? = nil
    ) -> Int {
        let end = min(end ?? width, width)
        guard (0..<height).contains(row), column >= 0, column < end else { return max(column, 0) }
        var column = column
        for glyph in DisplayText.glyphs(DisplayText.cut(text, to: end - column)) {
            put(glyph, row, column, style)
            column += glyph.width
        }
        return column
    }

    /// Writes text that ends before a column.
    public mutating func writeRight(_ text: String, row: Int, before end: Int? = nil, style: Style = .plain) {
        let end = min(end ?? width, width)
        write(text, row: row, column: max(0, end - DisplayText.width(text)), style: style, before: end)
    }

    /// Gives a run of cells a style.
    public mutating func paint(row: Int, columns: Range<Int>, style: Style) {
        guard (0..<height).contains(row) else { return }
        for column in columns.clamped(to: 0..<width) { cells[row * width + column].style = style }
    }

    /// Puts one of our own characters, a column wide, into a cell.
    mutating func set(_ symbol: String, row: Int, column: Int, style: Style = .plain) {
        guard (0..<height).contains(row), (0..<width).contains(column) else { return }
        cells[row * width + column] = Cell(text: symbol, style: style)
    }

    /// Draws another canvas with its upper left corner at a place.
    public mutating func draw(_ other: Canvas, row: Int, column: Int) {
        for y in 0..<other.height where (0..<height).contains(row + y) {
            for x in 0..<other.width where (0..<width).contains(column + x) {
                cells[(row + y) * width + column + x] = other[y, x]
            }
        }
    }

    /// The rows as text, without blanks at their ends.
    public var lines: [String] {
        (0..<height).map { row in
            var line = cells[row * width..<(row + 1) * width].map(\.text).joined()
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    private mutating func put(_ glyph: DisplayText.Glyph, _ row: Int, _ column: Int, _ style: Style) {
        guard glyph.width > 0, column + glyph.width <= width else { return }
        cells[row * width + column] = Cell(text: glyph.text, style: style)
        if glyph.width == 2 { cells[row * width + column + 1] = Cell(text: "", style: style) }
    }
}
