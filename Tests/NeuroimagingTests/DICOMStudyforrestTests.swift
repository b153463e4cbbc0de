import Foundation
import Neuroimaging
import SharedMaterial
import Testing

@Suite(
    "A real Philips run of single slices",
    .enabled(if: Studyforrest.unpacked != nil, Comment(rawValue: SharedMaterial.missing))
)
struct DICOMStudyforrestTests {
    static let volumes = 4

    /// The volumes from the files in an order, and how many came before the end.
    func assembled(_ files: [URL]) throws -> (volumes: [DICOMVolume], early: Int, assembler: DICOMAssembler) {
        var assembler = DICOMAssembler()
        var volumes: [DICOMVolume] = []
        for file in files { volumes += try assembler.add([UInt8](try Data(contentsOf: file))) }
        let early = volumes.count
        volumes += assembler.finish()
        return (volumes.sorted { $0.temporalPosition < $1.temporalPosition }, early, assembler)
    }

    @Test("is sorted by temporal position, in whatever order its files come")
    func orders() throws {
        let files = try Studyforrest.slices(volumes: Self.volumes)
        #expect(files.count == 35 * Self.volumes)
        var random = SplitMix(state: 3)
        let scan = try assembled(files)
        // All time points of a slice, then those of the next, as instance numbers have it.
        let bySlice = (0..<35).flatMap { slice in (0..<Self.volumes).map { files[$0 * 35 + slice] } }
        for order in [bySlice, files.reversed(), files.shuffled(using: &random)] {
            let other = try assembled(order)
            #expect(other.early == Self.volumes && other.assembler.issues.isEmpty)
            #expect(other.volumes.map(\.temporalPosition) == Array(0..<Self.volumes))
            #expect(other.volumes.map(\.volume) == scan.volumes.map(\.volume))
        }
    }

    @Test("has the intensities, places and times that its elements state")
    func content() throws {
        let scan = try assembled(try Studyforrest.slices(volumes: 2))
        let description = try #require(scan.assembler.descriptions.first)
        #expect(abs((description.repetitionTime ?? 0) - 2) < 1e-5 && description.echoTime == 0.03)
        #expect(description.grid.shape == [80, 80, 35])
        let size = description.grid.voxelSize
        #expect(length(size - [3, 3, 3.3]) < 1e-4)
        // The position of the first pixel, as (0020,0032) has it in LPS, is the grid's top row.
        let corner = description.grid.affine([0, 79, 0])
        #expect(length(corner - [119.62467524735, 142.84578995313, -0.4718822250142]) < 1e-6)
        let last = description.grid.affine([0, 79, 34])
        #expect(length(last - [121.09410271374, 117.34517554845, 108.781949638389]) < 1e-3)
        // Means and voxels that pydicom reads, by the scale slope (2005,100E).
        let scale = 0.013238308019936085
        let figures = [(88.58716517857142, 2.0, 362.0), (89.21893303571429, 7, 445)]
        for (volume, (mean, first, second)) in zip(scan.volumes, figures) {
            let values = volume.volume.voxels.map(Double.init)
            #expect(abs(values.reduce(0, +) / Double(values.count) * scale - mean) < 1e-4)
            #expect(abs(Double(volume.volume[30, 79 - 20, 10]) * scale - first) < 1e-3)
            #expect(abs(Double(volume.volume[41, 79 - 40, 20]) * scale - second) < 1e-3)
        }
        #expect(abs((scan.volumes[0].acquisitionTime ?? 0) - (16 * 3600 + 4 * 60 + 22.68)) < 1e-6)
    }
}
