import Foundation

/// Text from outside as characters that are safe to print, each with the columns that it takes.
///
/// What could move the cursor, change the terminal or reorder text is written as `\u{1B}`, so that a name from the network
/// shows what it is and does nothing.
public enum DisplayText {
    /// A printable character and its columns, 1 or 2.
    public struct Glyph: Sendable, Equatable {
        /// One base character with at most two marks.
        public var text: String
        /// The columns that it takes.
        public var width: Int
    }

    /// The most marks that a character keeps.
    private static let mostMarks = 2

    /// The characters of a text.
    public static func glyphs(_ text: String) -> [Glyph] {
        var glyphs: [Glyph] = []
        var marks = 0
        for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
            switch kind(scalar) {
            case .printable(let width):
                glyphs.append(Glyph(text: String(scalar), width: width))
                marks = 0
            case .mark:
                // A mark without anything to stand on, and a heap of marks, would spill over its neighbours.
                guard !glyphs.isEmpty, marks < mostMarks else { continue }
                glyphs[glyphs.count - 1].text.unicodeScalars.append(scalar)
                marks += 1
            case .unsafe:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                glyphs += "\\u{\(digits)}".map { Glyph(text: String($0), width: 1) }
                marks = mostMarks
            }
        }
        return glyphs
    }

    /// The text with everything unsafe written out.
    public static func escaped(_ text: String) -> String { glyphs(text).map(\.text).joined() }

    /// The columns that a text takes.
    public static func width(_ text: String) -> Int { glyphs(text).reduce(0) { $0 + $1.width } }

    /// The text, cut to a width; `…` stands for what is left out.
    public static func cut(_ text: String, to width: Int) -> String {
        let glyphs = glyphs(text)
        guard glyphs.reduce(0, { $0 + $1.width }) > width else { return glyphs.map(\.text).joined() }
        guard width > 0 else { return "" }
        var (result, used) = ("", 0)
        for glyph in glyphs {
            guard used + glyph.width < width else { break }
            result += glyph.text
            used += glyph.width
        }
        return result + "…"
    }

    private enum Kind {
        case printable(width: Int)
        case mark
        case unsafe
    }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        // The backslash is doubled by nobody: a name that says \u{1B} shows the same as one that has it.
        if scalar.value < 0x300 {
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0xad
            return isControl ? .unsafe : .printable(width: 1)
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            return .unsafe
        case .nonspacingMark, .enclosingMark, .spacingMark: return .mark
        default: return .printable(width: isWide(scalar) ? 2 : 1)
        }
    }

    /// Scripts whose characters take two columns: East Asian Width W and F of the Unicode standard, annex 11.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0xa4cf, 0xa960...0xa97c,
        0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18cff,
        0x1b000...0x1b2ff, 0x20000...0x3fffd,
    ]

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) }
    }
}
