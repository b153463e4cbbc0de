import Images
import Plotting
import Testing

@Suite("A sheet of pairs")
struct PairSheetTests {
    private func flat(_ grey: UInt8, side: Int = 4) -> Image8 {
        Image8(height: side, width: side, colour: (grey, grey, grey))
    }

    /// The number of pixels of a grey level.
    private func count(_ grey: UInt8, in image: Image8) -> Int {
        stride(from: 0, to: image.bytes.count, by: 3).count {
            image.bytes[$0..<$0 + 3].allSatisfy { $0 == grey }
        }
    }

    @Test("draws every image whole, enlarged by a whole factor, and the seen one to the left of what was made of it")
    func whole() {
        let pairs = (0..<5).map { PairSheet.Pair(seen: flat(UInt8(10 + $0)), made: flat(UInt8(110 + $0))) }
        let sheet = PairSheet(pairs: pairs).image(columns: 2, height: 13)
        for number in 0..<5 {
            #expect(count(UInt8(10 + number), in: sheet) == 12 * 12)
            #expect(count(UInt8(110 + number), in: sheet) == 12 * 12)
        }
        let row = (0..<sheet.height).first(where: { y in (0..<sheet.width).contains { sheet[y, $0, 0] == 10 } })
        let places = (0..<sheet.width).map { sheet[row ?? 0, $0, 0] }
        let place = { (grey: UInt8) -> Int in places.firstIndex(of: grey) ?? -1 }
        #expect(place(10) >= 0 && place(10) + 12 < place(110) && place(110) + 12 < place(11) && place(11) < place(111))
        #expect(place(12) == -1)
    }

    @Test("is as wide as its pairs, however long its lines are")
    func lines() {
        let pair = PairSheet.Pair(seen: flat(1), made: flat(2))
        let bare = PairSheet(pairs: [pair]).image(columns: 6)
        let long = String(repeating: "word ", count: 100)
        let told = PairSheet(
            heading: [long],
            pairs: [PairSheet.Pair(seen: flat(1), made: flat(2), caption: long)]
        ).image(columns: 6)
        #expect(told.width == bare.width && told.height > bare.height)
        #expect(count(1, in: told) == 96 * 96 && count(2, in: told) == 96 * 96)
    }

    @Test("An enlarged image has the same pixels, each as a square")
    func enlarged() {
        let image = Image8(height: 2, width: 3, bytes: (0..<18).map { UInt8($0) })
        let large = image.enlarged(3)
        #expect(large.height == 6 && large.width == 9)
        for y in 0..<6 { for x in 0..<9 { #expect((0..<3).allSatisfy { large[y, x, $0] == image[y / 3, x / 3, $0] }) } }
        #expect(image.enlarged(1) == image)
    }
}
