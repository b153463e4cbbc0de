import Testing

@testable import Terminal

@Suite("A frame")
struct FrameEncoderTests {
    private func canvas(_ text: String, _ style: Style = .plain) -> Canvas {
        var canvas = Canvas(width: 6, height: 2)
        canvas.write(text, row: 1, column: 1, style: style)
        return canvas
    }

    @Test("is written whole at first, then only where it changes, in one synchronized update")
    func differences() {
        var encoder = FrameEncoder(depth: .full)
        #expect(
            encoder.encode(canvas("abc")) == "\u{1b}[?2026h\u{1b}[0m\u{1b}[2J\u{1b}[2;2Habc\u{1b}[0m\u{1b}[?2026l"
        )
        #expect(encoder.encode(canvas("abc")).isEmpty)
        #expect(encoder.encode(canvas("axc")) == "\u{1b}[?2026h\u{1b}[2;3Hx\u{1b}[0m\u{1b}[?2026l")
        #expect(encoder.encode(canvas("顔c")) == "\u{1b}[?2026h\u{1b}[2;2H顔\u{1b}[0m\u{1b}[?2026l")
        #expect(encoder.encode(Canvas(width: 7, height: 2)).contains("\u{1b}[2J"))
        encoder.forget()
        #expect(encoder.encode(Canvas(width: 7, height: 2)).contains("\u{1b}[2J"))
    }

    @Test("has 24-bit colours, the nearest of 256, or none")
    func colours() {
        let style = Style(.rgb(1, 2, 3), on: .rgb(255, 0, 0), bold: true)
        #expect(FrameEncoder.sequence(style, .full) == "\u{1b}[0;1;38;2;1;2;3;48;2;255;0;0m")
        #expect(FrameEncoder.sequence(style, .palette) == "\u{1b}[0;1;38;5;16;48;5;196m")
        #expect(FrameEncoder.sequence(style, .none) == "\u{1b}[0;1m")
        #expect(FrameEncoder.sequence(Style(.alarm, on: .named(8)), .palette) == "\u{1b}[0;31;48;5;8m")
        let cases: [((UInt8, UInt8, UInt8), Int)] = [
            ((0, 0, 0), 16), ((255, 255, 255), 231), ((95, 135, 175), 67), ((128, 128, 128), 244), ((8, 8, 8), 232),
        ]
        for (colour, index) in cases {
            #expect(ColourDepth.paletteIndex(colour.0, colour.1, colour.2) == index)
        }
    }

    @Test("asks the environment for colours")
    func environment() {
        #expect(ColourDepth(environment: ["COLORTERM": "truecolor"]) == .full)
        #expect(ColourDepth(environment: ["TERM": "xterm-256color"]) == .palette)
        #expect(ColourDepth(environment: ["COLORTERM": "24bit", "NO_COLOR": "1"]) == .none)
        #expect(ColourDepth(environment: ["NO_COLOR": "", "COLORTERM": "24bit"]) == .full)
        #expect(ColourDepth(environment: ["TERM": "dumb"]) == .none)
    }

    @Test("is lines of text for a file, without escape sequences where there are no colours")
    func text() {
        #expect(FrameEncoder.text(canvas("abc", Style(.alarm)), depth: .none) == "\n abc\n")
        #expect(
            FrameEncoder.text(canvas("ab", Style(.alarm)), depth: .full)
                == "      \n \u{1b}[0;31mab\u{1b}[0m   \n"
        )
    }
}
