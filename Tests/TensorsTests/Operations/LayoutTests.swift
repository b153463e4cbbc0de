import Testing

@testable import Tensors

@Suite("Layouts")
struct LayoutTests {
    @Test("transposition exchanges the last two axes", arguments: instructionSets)
    func transposition(set: InstructionSet) {
        with(set) {
            for (batch, rows, columns) in [(1, 1, 1), (2, 3, 5), (1, 16, 16), (3, 33, 20), (1, 70, 129)] {
                let x = sample([batch, rows, columns], seed: 1)
                let y = transposeLast2(x)
                #expect(y.shape == [batch, columns, rows])
                let (a, b) = (x.elements, y.elements)
                for index in 0..<x.count {
                    let (item, rest) = index.quotientAndRemainder(dividingBy: rows * columns)
                    let (row, column) = rest.quotientAndRemainder(dividingBy: columns)
                    let target = item * rows * columns + column * rows + row
                    #expect(a[index] == b[target])
                }
                #expect(transposeLast2(y).elements == a)
            }
        }
    }

    @Test("channel-first and channel-last images are each other's inverse")
    func channelOrder() {
        let x = sample([2, 3, 4, 5], seed: 2)
        let y = nchwToNHWC(x)
        #expect(y.shape == [2, 4, 5, 3])
        // Item 1, channel 1, row 2, column 3.
        let (lastAt, firstAt) = (60 + 13 * 3 + 1, 60 + 20 + 13)
        #expect(y.elements[lastAt] == x.elements[firstAt])
        #expect(nhwcToNCHW(y).elements == x.elements)
    }

    @Test("upsampling repeats pixels and its gradient sums them")
    func upsampling() {
        let x = sample([2, 3, 4, 5], seed: 3)
        let y = upsampleNearest2(x)
        #expect(y.shape == [2, 6, 8, 5])
        let (a, b) = (x.elements, y.elements)
        for index in b.indices {
            let channel = index % 5
            let column = index / 5 % 8
            let row = index / 40 % 6
            let sourceRow = index / 240 * 3 + row / 2
            let source = (sourceRow * 4 + column / 2) * 5 + channel
            #expect(b[index] == a[source])
        }
        #expect(error(upsampleNearest2Gradient(y), x.doubles.map { 4 * $0 }) < 1e-6)
    }

    @Test("splitting undoes concatenation")
    func concatenation() {
        let parts = [3, 1, 8].enumerated().map { sample([2, 7, $1], seed: UInt64($0)) }
        let whole = concatenate(parts)
        #expect(whole.shape == [2, 7, 12])
        #expect(whole.elements[12 + 3] == parts[1].elements[1])
        for (part, original) in zip(split(whole, sizes: [3, 1, 8]), parts) {
            #expect(part.shape == original.shape && part.elements == original.elements)
        }
    }
}
