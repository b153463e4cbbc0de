import Images
import Testing

@testable import Terminal

@Suite("A canvas")
struct CanvasTests {
    @Test("writes text where it fits and cuts it where not")
    func writing() {
        var canvas = Canvas(width: 8, height: 2)
        #expect(canvas.write("abc", row: 0, column: 1) == 4)
        #expect(canvas.write("a long text", row: 1, column: 2) == 8)
        canvas.write("outside", row: 5)
        canvas.write("outside", row: 0, column: 9)
        #expect(canvas.lines == [" abc", "  a lon…"])
        canvas.writeRight("ends", row: 0)
        #expect(canvas.lines[0] == " abcends")
    }

    @Test("gives wide characters two cells, and never half of one")
    func wide() {
        var canvas = Canvas(width: 5, height: 1)
        #expect(canvas.write("顔a", row: 0) == 3)
        #expect(canvas[0, 0].text == "顔" && canvas[0, 1].text.isEmpty && canvas[0, 2].text == "a")
        #expect(DisplayText.width("顔👩é") == 5)
        #expect(DisplayText.cut("顔顔顔", to: 4) == "顔…")
    }

    @Test("writes out what could change the terminal, and reorder or pile up text")
    func hostile() {
        let cases = [
            ("\u{1b}[2J\u{1b}]0;title\u{7}", "\\u{1B}[2J\\u{1B}]0;title\\u{7}"),
            ("a\u{9b}31mb", "a\\u{9B}31mb"), ("a\r\nb\tc\u{7f}", "a\\u{D}\\u{A}b\\u{9}c\\u{7F}"),
            ("\u{202e}gnp.exe", "\\u{202E}gnp.exe"), ("a\u{200b}b", "a\\u{200B}b"),
        ]
        for (text, shown) in cases { #expect(DisplayText.escaped(text) == shown) }
        let pile = "q" + String(repeating: "\u{334}", count: 100)
        #expect(DisplayText.glyphs(pile).map(\.text.unicodeScalars.count) == [3])
        #expect(DisplayText.width(pile) == 1)
    }

    @Test("has no control character in any cell, whatever is written")
    func invariant() {
        var canvas = Canvas(width: 40, height: 40)
        for row in 0..<40 {
            let scalars = (0..<40).compactMap { Unicode.Scalar(UInt32(row * 40 + $0)) }
            canvas.write(String(String.UnicodeScalarView(scalars)), row: row)
        }
        for cell in canvas.cells {
            #expect(!cell.text.unicodeScalars.contains { $0.value < 32 || (127...159).contains($0.value) })
        }
    }
}

@Suite("A sparkline")
struct SparklineTests {
    @Test("has a column for each value where there is room, the newest at the right")
    func single() {
        let line = Sparkline([(0, 0), (1, 4), (2, 8)], span: 4, width: 4)
        #expect(line.columns == [nil, 0, 4, 8])
        #expect(line.top == 8)
        #expect((0..<4).map { line.eighths($0, rows: 1) } == [nil, 1, 4, 8])
        #expect(line.canvas(rows: 1).lines == [" ▁▄█"])
        #expect(line.canvas(rows: 2).lines == ["   █", " ▁██"])
    }

    @Test("keeps the largest of the values that share a column, and gaps")
    func grouped() {
        let values = [(0, 1.0), (1, 9), (2, 2), (6, 3), (7, 1)].map { (index: $0.0, value: $0.1) }
        #expect(Sparkline(values, span: 8, width: 4).columns == [9, 2, nil, 3])
        // The next value opens a column and moves the others, which stay what they are.
        #expect(Sparkline(values + [(8, 5)], span: 8, width: 4).columns == [2, nil, 3, 5])
    }

    @Test("marks the threshold, and what is above it")
    func threshold() {
        let line = Sparkline([(0, 0.1), (1, 0.6)], span: 4, width: 4, threshold: 0.5)
        #expect(line.top == 1)
        let canvas = line.canvas(rows: 2, threshold: 0.5)
        #expect(canvas.lines == ["┈┈┈▂", "  ▂█"])
        #expect(canvas[1, 3].style.foreground == .alarm && canvas[1, 2].style.foreground == .measure)
        #expect(Sparkline([], span: 120, width: 0).canvas(rows: 2).lines == ["", ""])
    }
}

@Suite("An image in blocks")
struct BlockImageTests {
    @Test("has two pixels in each cell, in their exact colours")
    func colours() {
        let image = Image8(height: 3, width: 2, bytes: (0..<18).map { UInt8($0) })
        let canvas = BlockImage.canvas(image, columns: 2, rows: 2, as: .colours)
        #expect(canvas.lines == ["▀▀", "▀▀"] && canvas.width == 2)
        #expect(canvas[0, 0].style == Style(.rgb(0, 1, 2), on: .rgb(6, 7, 8)))
        #expect(canvas[0, 1].style == Style(.rgb(3, 4, 5), on: .rgb(9, 10, 11)))
        #expect(canvas[1, 1].style == Style(.rgb(15, 16, 17)))
    }

    @Test("keeps its proportions")
    func proportions() {
        let image = Image8(height: 100, width: 200)
        #expect(BlockImage.fit(image, columns: 40, rows: 40) == (40, 20))
        #expect(BlockImage.fit(image, columns: 40, rows: 5) == (20, 10))
        let thin = BlockImage.canvas(Image8(height: 1, width: 1000), columns: 30, rows: 9, as: .colours)
        #expect(thin.width == 30 && thin.height == 1)
        #expect(BlockImage.canvas(image, columns: 0, rows: 3, as: .colours).height == 0)
    }

    @Test("is letters by brightness where there are no colours")
    func letters() {
        let image = Image8(height: 2, width: 2, bytes: [0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255])
        #expect(BlockImage.canvas(image, columns: 2, rows: 1, as: .letters).lines == [" @"])
    }
}
