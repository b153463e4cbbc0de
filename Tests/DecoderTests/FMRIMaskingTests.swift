import Foundation
import Neural
import Tensors
import Testing

@testable import Decoder

@Suite("Masking of patches")
struct FMRIMaskingTests {
    @Test(
        "The number of visible patches is ⌊L·(1 − ratio)⌋ in double precision",
        arguments: [(291, 0.75, 72), (262, 0.75, 65), (10, 0.9, 0), (196, 0.5, 98), (10, 0, 10), (7, 1, 0)]
    )
    func keptCount(patches: Int, ratio: Double, expected: Int) {
        #expect(PatchMasking.keptCount(patches: patches, ratio: ratio) == expected)
    }

    @Test("The patches with the smallest noise stay, in ascending order of noise")
    func order() {
        let noise = Tensor([0.9, 0.1, 0.5, 0.3, 0.2, 0.8, 0.0, 0.4], shape: [2, 4])
        let selection = PatchMasking(ratio: 0.5).selection(noise: noise)
        #expect(selection.kept == [[1, 3], [2, 0]])
        #expect(selection.restore == [[3, 0, 2, 1], [1, 3, 0, 2]])
        #expect(selection.mask.elements == [1, 0, 1, 0, 0, 1, 0, 1])
    }

    @Test("Equal numbers keep their order")
    func stability() {
        let selection = PatchMasking(ratio: 0.25).selection(noise: Tensor(repeating: 0.5, shape: [1, 8]))
        #expect(selection.kept == [[0, 1, 2, 3, 4, 5]])
        #expect(selection.restore == [Array(0..<8)])
    }

    @Test("Ratio 0 hides nothing and only permutes")
    func everything() {
        var random = RandomNumbers(seed: 3)
        let selection = PatchMasking(ratio: 0).selection(batch: 5, patches: 12, patchSize: 16, random: &random)
        #expect(selection.mask.elements.allSatisfy { $0 == 0 })
        for (kept, restore) in zip(selection.kept, selection.restore) {
            #expect(kept.sorted() == Array(0..<12))
            #expect(restore.map { kept[$0] } == Array(0..<12))
        }
    }

    @Test("A focus of rate 1 hides patches in focus first")
    func fullFocus() {
        var random = RandomNumbers(seed: 4)
        let masking = PatchMasking(ratio: 0.25, focus: .init(voxels: 35..<100, rate: 1))
        let selection = masking.selection(batch: 6, patches: 12, patchSize: 16, random: &random)
        // Voxels 35..<100 are patches ⌊35/16⌋..<⌊100/16⌋ = 2..<6; only 3 of 12 are hidden.
        for item in 0..<6 {
            let hidden = (0..<12).filter { selection.mask.elements[item * 12 + $0] == 1 }
            #expect(hidden.count == 3)
            #expect(hidden.allSatisfy { (2..<6).contains($0) })
        }
    }

    @Test("A focus of rate 0.9 hides patches in proportion to the weights")
    func weightedFocus() {
        var random = RandomNumbers(seed: 5)
        // One patch of ten is hidden: patch p with probability w_p/Σw.
        let masking = PatchMasking(ratio: 0.1, focus: .init(voxels: 0..<32, rate: 0.9))
        #expect(PatchMasking.keptCount(patches: 10, ratio: 0.1) == 9)
        let selection = masking.selection(batch: 4000, patches: 10, patchSize: 16, random: &random)
        let hiddenInFocus = (0..<4000).count { item in
            selection.mask.elements[item * 10] + selection.mask.elements[item * 10 + 1] > 0
        }
        let expected = 1.8 / (1.8 + 0.8)
        let deviation = (expected * (1 - expected) / 4000).squareRoot()
        #expect(abs(Double(hiddenInFocus) / 4000 - expected) < 5 * deviation)
    }
}

@Suite("Position tables")
struct FMRIPositionTableTests {
    @Test("A sequence's row 1 + p has sines, then cosines, of p·10000^(−2k/width), and row 0 is zero")
    func sequence() {
        let table = PositionTable.sequence(positions: 3, width: 4).elements
        let expected: [Float] = [0, 0, 0, 0, 0, 0, 1, 1, sin(1), sin(0.01), cos(1), cos(0.01)]
        for (value, truth) in zip(table, expected) { #expect(abs(value - truth) < 1e-6) }
    }

    @Test("A grid's first half encodes the column, the second the row")
    func grid() {
        let width = 8
        let grid = PositionTable.grid(side: 3, width: width)
        let line = PositionTable.sequence(positions: 3, width: width / 2).elements
        for y in 0..<3 {
            for x in 0..<3 {
                let row = grid.elements[(1 + y * 3 + x) * width..<(2 + y * 3 + x) * width]
                let truth = line[(1 + x) * 4..<(2 + x) * 4] + line[(1 + y) * 4..<(2 + y) * 4]
                for (value, expected) in zip(row, truth) { #expect(abs(value - expected) < 1e-6) }
            }
        }
    }

    @Test("Interpolation keeps row 0 and takes the nearest of the others")
    func interpolation() {
        let table = Tensor((0..<4).map { Float($0) }, shape: [1, 4, 1])
        #expect(PositionTable.interpolated(table, positions: 6).elements == [0, 1, 1, 2, 2, 3, 3])
        #expect(PositionTable.interpolated(table, positions: 2).elements == [0, 1, 2])
        #expect(PositionTable.interpolated(table, positions: 3).elements == table.elements)
    }
}
