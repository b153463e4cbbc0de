/// What panels have in common.
enum Panel {
    /// A part of a line and how it looks.
    struct Part: Equatable {
        var text: String
        var style = Style.plain

        init(_ text: String, _ style: Style = .plain) { (self.text, self.style) = (text, style) }
    }

    /// An empty panel under a line with its title and a note at the right.
    static func titled(_ title: String, _ note: String = "", width: Int, height: Int) -> Canvas {
        var canvas = Canvas(width: width, height: height)
        for column in 0..<canvas.width { canvas.set("─", row: 0, column: column, style: .faint) }
        let end = canvas.write(" \(title) ", row: 0, column: 1, style: Style(bold: true))
        let note = DisplayText.cut(note, to: width - end - 4)
        if !note.isEmpty { canvas.writeRight(" \(note) ", row: 0, before: width - 1, style: .faint) }
        return canvas
    }

    /// Writes parts one after another, two columns apart, from row to row; what does not fit is left out.
    static func flow(_ parts: [Part], on canvas: inout Canvas, rows: Range<Int>) {
        var (row, column) = (rows.lowerBound, 0)
        for part in parts {
            let width = DisplayText.width(part.text)
            if column > 0, column + width > canvas.width { (row, column) = (row + 1, 0) }
            guard row < rows.upperBound else { return }
            column = canvas.write(part.text, row: row, column: column, style: part.style) + 2
        }
    }

    /// Writes parts so that they end at the right edge; returns the column where they begin.
    static func right(_ parts: [Part], on canvas: inout Canvas, row: Int) -> Int {
        let width = parts.reduce(0) { $0 + DisplayText.width($1.text) } + max(0, parts.count - 1)
        let start = max(0, canvas.width - width)
        var column = start
        for part in parts { column = canvas.write(part.text, row: row, column: column, style: part.style) + 1 }
        return start
    }

    /// Text at the right of a field.
    static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - DisplayText.width(text))) + text
    }
}
