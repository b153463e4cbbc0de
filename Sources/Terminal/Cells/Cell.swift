/// A colour of a terminal.
public enum Colour: Sendable, Hashable {
    /// What the terminal takes without being told.
    case standard
    /// One of the 16 colours that the user has chosen: 1 red, 2 green, 3 yellow, 4 blue, 6 cyan, 8 grey.
    case named(UInt8)
    /// Red, green and blue.
    case rgb(UInt8, UInt8, UInt8)

    /// Something is wrong.
    public static let alarm = Colour.named(1)
    /// Something is as it should be.
    public static let good = Colour.named(2)
    /// Something is doubtful.
    public static let doubt = Colour.named(3)
    /// What is measured.
    public static let measure = Colour.named(6)
}

/// How a cell looks besides its text.
public struct Style: Sendable, Hashable {
    /// The colour of the text.
    public var foreground = Colour.standard
    /// The colour behind the text.
    public var background = Colour.standard
    /// Whether the text is bold.
    public var isBold = false
    /// Whether the text is faint.
    public var isFaint = false
    /// Whether the two colours are exchanged.
    public var isReversed = false

    /// A style; by default the terminal's own.
    public init(
        _ foreground: Colour = .standard,
        on background: Colour = .standard,
        bold: Bool = false,
        faint: Bool = false,
        reversed: Bool = false
    ) {
        (self.foreground, self.background) = (foreground, background)
        (isBold, isFaint, isReversed) = (bold, faint, reversed)
    }

    /// The terminal's own.
    public static let plain = Style()
    /// Labels and lines that nobody needs to read twice.
    public static let faint = Style(faint: true)
    /// What must not be overlooked.
    public static let loud = Style(.alarm, bold: true, reversed: true)
}

/// One place of the screen.
public struct Cell: Sendable, Hashable {
    /// One printable character; empty in the right half of a wide one.
    public var text: String
    /// How it looks.
    public var style: Style

    /// An empty place.
    public static let blank = Cell(text: " ", style: .plain)
}
