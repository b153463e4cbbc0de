/// Turns canvases into what a terminal understands (ECMA-48), writing only what has changed.
///
/// A frame is enclosed in the marks of a synchronized update, so that a terminal that knows them shows it at once.
public struct FrameEncoder: Sendable {
    /// How many colours are used.
    public let depth: ColourDepth
    private var shown: Canvas?

    /// Starts with a screen of which nothing is known.
    public init(depth: ColourDepth) { self.depth = depth }

    /// Forgets what is on the screen, so that the next frame is written whole.
    public mutating func forget() { shown = nil }

    /// What to write so that the screen shows a canvas; empty if it does already.
    public mutating func encode(_ canvas: Canvas) -> String {
        guard shown != canvas else { return "" }
        var output = "\u{1b}[?2026h"
        var known = shown
        if known?.width != canvas.width || known?.height != canvas.height {
            output += "\u{1b}[0m\u{1b}[2J"
            known = Canvas(width: canvas.width, height: canvas.height)
        }
        var style = Style.plain
        for row in 0..<canvas.height {
            var cursor = -1
            for column in 0..<canvas.width {
                let cell = canvas[row, column]
                // The right half of a wide character is written with its left half.
                guard cell != known?[row, column], !cell.text.isEmpty else { continue }
                if cursor != column { output += "\u{1b}[\(row + 1);\(column + 1)H" }
                if cell.style != style {
                    output += Self.sequence(cell.style, depth)
                    style = cell.style
                }
                output += cell.text
                let isWide = column + 1 < canvas.width && canvas[row, column + 1].text.isEmpty
                cursor = column + (isWide ? 2 : 1)
            }
        }
        shown = canvas
        return output + "\u{1b}[0m\u{1b}[?2026l"
    }

    /// A canvas as lines of text with colours, or without any escape sequence for ``ColourDepth/none``.
    public static func text(_ canvas: Canvas, depth: ColourDepth) -> String {
        guard depth != .none else { return canvas.lines.map { $0 + "\n" }.joined() }
        var output = ""
        for row in 0..<canvas.height {
            var style = Style.plain
            for column in 0..<canvas.width {
                let cell = canvas[row, column]
                if cell.style != style {
                    output += sequence(cell.style, depth)
                    style = cell.style
                }
                output += cell.text
            }
            output += style == .plain ? "\n" : "\u{1b}[0m\n"
        }
        return output
    }

    /// The sequence that sets a style from any other.
    static func sequence(_ style: Style, _ depth: ColourDepth) -> String {
        var codes = ["0"]
        if style.isBold { codes.append("1") }
        if style.isFaint { codes.append("2") }
        if style.isReversed { codes.append("7") }
        if depth != .none {
            codes += self.codes(style.foreground, depth, named: 30, extended: 38)
            codes += self.codes(style.background, depth, named: 40, extended: 48)
        }
        return "\u{1b}[\(codes.joined(separator: ";"))m"
    }

    private static func codes(_ colour: Colour, _ depth: ColourDepth, named: Int, extended: Int) -> [String] {
        switch colour {
        case .standard: []
        case .named(let number):
            number < 8 ? ["\(named + Int(number))"] : ["\(extended)", "5", "\(number)"]
        case .rgb(let red, let green, let blue):
            depth == .full
                ? ["\(extended)", "2", "\(red)", "\(green)", "\(blue)"]
                : ["\(extended)", "5", "\(ColourDepth.paletteIndex(red, green, blue))"]
        }
    }
}
