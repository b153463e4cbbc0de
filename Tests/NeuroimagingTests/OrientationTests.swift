import Foundation
import SharedMaterial
import Testing

@testable import Neuroimaging

@Suite("An orientation")
struct OrientationTests {
    @Test("is read from and written as three letters", arguments: ["RAS", "LPI", "ASR", "SPL", "IRP", "LAS"])
    func letters(codes: String) throws {
        #expect(try #require(Orientation(codes)).description == codes)
    }

    @Test("of other letters is refused", arguments: ["", "RA", "RLS", "XYZ", "RASP"])
    func refused(codes: String) {
        #expect(Orientation(codes) == nil)
    }

    @Test("is that of the nearest axes for an oblique affine")
    func oblique() {
        let affine = Affine(rows: [-2, 0.1, 0.3, 90], [0.2, 0.4, 2.1, -126], [0, -2.8, 0.4, -72])
        #expect(Orientation(affine).description == "LIA")
    }

    @Test("can be changed and changed back without changing a value or its place", arguments: ["LPI", "ASR", "SPL"])
    func reordering(codes: String) throws {
        let grid = VoxelGrid(
            shape: [3, 4, 5],
            affine: Affine(rows: [2, 0.1, 0, -5], [0, 2, 0.2, 3], [0.1, 0, 3, 9])
        )
        let volume = Volume(grid: grid, voxels: (0..<60).map { Float($0) })
        let reordered = volume.reordered(to: try #require(Orientation(codes)))
        #expect(reordered.grid.orientation.description == codes)
        let inverse = try #require(reordered.grid.affine.inverse)
        for offset in 0..<60 {
            let index = grid.index(offset)
            let back = inverse(grid.affine(SIMD3<Double>(index))).rounded(.toNearestOrEven)
            #expect(reordered[Int(back.x), Int(back.y), Int(back.z)] == Float(offset))
        }
        let again = reordered.reordered(to: .ras)
        #expect(again.voxels == volume.voxels)
        #expect(again.grid.matches(grid, tolerance: 1e-9))
    }

    @Test(
        "of every file of a set of axis orders leads to one array",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)")
    )
    func axisOrders() throws {
        let folder = try SharedMaterial.url("data/fsl-reference-niimath/In")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".nii.gz") }
        #expect(files.count == 16)
        var first: Volume?
        for file in files.sorted() {
            let volume = try NIfTIReader(path: folder.appendingPathComponent(file).path).volume(0)
            let reordered = volume.reordered()
            #expect(volume.grid.orientation.description == String(file.prefix(3)), "\(file)")
            if let first {
                #expect(reordered.voxels == first.voxels, "\(file)")
                #expect(reordered.grid.matches(first.grid), "\(file)")
            } else {
                first = reordered
            }
        }
    }
}
