import Testing

@testable import Neuroimaging

@Suite("A mask")
struct MaskTests {
    let grid = VoxelGrid(shape: [3, 4, 5], affine: Affine(rows: [-2, 0, 0, 5], [0, 2, 0, 3], [0, 0, 2, 9]))

    @Test("numbers its voxels from left to right, back to front, bottom to top, however they are stored")
    func anatomicalOrder() throws {
        let volume = Volume(grid: grid, voxels: (0..<60).map { Float($0 % 7 == 0 ? 0 : $0) })
        let mask = try Mask(volume)
        let expected = volume.reordered().voxels.filter { $0 != 0 }
        #expect(mask.values(of: volume) == expected)
        for codes in ["LPI", "ASR", "SPL"] {
            let stored = volume.reordered(to: try #require(Orientation(codes)))
            #expect(try Mask(stored).values(of: stored) == expected)
        }
        let positions = mask.positions
        #expect(positions[0].x < positions[1].x)
    }

    @Test("numbers its voxels as NumPy does on request")
    func nilearnOrder() throws {
        let volume = Volume(grid: grid, voxels: [Float](repeating: 1, count: 60))
        let mask = try Mask(volume, order: .nilearn)
        #expect(mask.offsets.prefix(6) == [0, 12, 24, 36, 48, 3])
    }

    @Test("without voxels is refused")
    func empty() {
        #expect(throws: NeuroimagingError.self) { try Mask(Volume(zeros: grid)) }
    }

    @Test("puts a pattern back in place")
    func roundTrip() throws {
        let mask = try Mask(grid: grid) { $0 % 5 == 1 }
        let pattern = (0..<mask.count).map { Float($0) + 1 }
        #expect(mask.values(of: mask.volume(of: pattern)) == pattern)
    }

    @Test("is the same region on a grid with other axes, and covers the same space but for its corners on a finer one")
    func resampling() throws {
        let mask = try Mask(grid: grid) { offset in
            let index = grid.index(offset)
            return index.x > 0 && index.y < 3 && index.z > 1 && index.z < 4
        }
        let other = grid.reordered(to: try #require(Orientation("PIR")))
        let moved = try mask.resampled(to: other)
        #expect(moved.count == mask.count)
        #expect(zip(moved.positions, mask.positions).allSatisfy { length($0 - $1) < 1e-9 })
        let half = Affine(
            grid.affine[0] / 2,
            grid.affine[1] / 2,
            grid.affine[2] / 2,
            translation: grid.affine([-0.25, -0.25, -0.25])
        )
        let fine = try mask.resampled(to: VoxelGrid(shape: [6, 8, 10], affine: half))
        #expect(fine.count == 8 * mask.count - 8)
    }
}
