import Neuroimaging
import Testing

@Suite("An affine")
struct AffineTests {
    let affine = Affine(rows: [-2, 0.1, 0, 90], [0.2, 2.1, -0.3, -126], [0, 0.4, 3, -72])

    @Test("followed by its inverse changes nothing")
    func inverse() throws {
        let inverse = try #require(affine.inverse)
        #expect((affine * inverse).distance(to: .identity) < 1e-12)
        #expect((inverse * affine).distance(to: .identity) < 1e-12)
    }

    @Test("has no inverse where it flattens space")
    func singular() {
        #expect(Affine([1, 0, 0], [2, 0, 0], [0, 0, 1], translation: .zero).inverse == nil)
    }

    @Test("applied after another is their product")
    func product() {
        let other = Affine(rows: [0, 1, 0, 5], [1, 0, 0, -3], [0, 0, -1, 7])
        let point = SIMD3<Double>(3, -4, 11)
        #expect(length((affine * other)(point) - affine(other(point))) < 1e-12)
    }

    @Test("of a grid gives offsets in the order x, y, z")
    func offsets() {
        let grid = VoxelGrid(shape: [3, 4, 5], affine: affine)
        #expect(grid.offset(1, 0, 0) == 1 && grid.offset(0, 1, 0) == 3 && grid.offset(0, 0, 1) == 12)
        #expect(
            (0..<grid.count).allSatisfy { offset in
                let index = grid.index(offset)
                return grid.offset(index.x, index.y, index.z) == offset
            }
        )
    }
}
