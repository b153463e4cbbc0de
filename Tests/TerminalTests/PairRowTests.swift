import Images
import Terminal
import Testing

@Suite("A row of pairs")
struct PairRowTests {
    private func pair(_ seen: UInt8, _ made: UInt8, _ caption: String) -> PairRow.Pair {
        let flat = { (grey: UInt8) in Image8(height: 28, width: 28, colour: (grey, grey, grey)) }
        return PairRow.Pair(seen: flat(seen), made: flat(made), caption: caption)
    }

    @Test("fits any terminal, with two pairs or more where there is room", arguments: [7, 24, 40, 80, 120, 200, 400])
    func width(width: Int) {
        let row = PairRow(width: width)
        let canvas = row.canvas([pair(255, 255, "a"), pair(255, 255, "b")], as: .letters)
        #expect(canvas.width <= width && canvas.height == row.height)
        #expect(width < 24 ? row.count == 1 : row.count >= 2)
    }

    @Test("has the seen image left, what was made of it right, and a line under both")
    func places() {
        let row = PairRow(width: 80)
        let lines = row.canvas([pair(255, 128, "one"), pair(128, 255, "two")], as: .letters).lines
        let columns = row.imageColumns
        let bright = String(repeating: "@", count: columns)
        let grey = String(repeating: "+", count: columns)
        for line in lines.prefix(row.imageRows) { #expect(line == "\(bright) \(grey)   \(grey) \(bright)") }
        #expect(lines.last?.hasPrefix("one") == true)
        #expect(lines.last?.dropFirst(2 * columns + 4).hasPrefix("two") == true)
    }

    @Test("leaves room for pairs that are still to come, and cuts lines that are too long")
    func incomplete() {
        let row = PairRow(width: 80)
        let long = String(repeating: "x", count: 100)
        let canvas = row.canvas([pair(255, 255, long)], as: .letters)
        #expect(canvas.width == row.canvas([], as: .letters).width)
        #expect(canvas.lines.last?.count == 2 * row.imageColumns + 1)
    }
}
