import Foundation
import Neuroimaging
import SharedMaterial
import Testing

@Suite(
    "A folder that a scanner writes",
    .enabled(if: SharedMaterial.isPresent, Comment(rawValue: SharedMaterial.missing))
)
struct DICOMScannerFolderTests {
    @Test("of GE's single slices has the slice times that its timer shows")
    func ge() throws {
        let path = try SharedMaterial.url("data/pyneal-scanners/tests/testData/GE_env/funcData").path
        let series = try #require(try DICOMFolder(path).series.first)
        #expect(series.temporalPositions == [0, 1, 2] && series.incomplete.isEmpty)
        #expect(series.description.grid.shape == [64, 64, 18])
        #expect(series.description.repetitionTime == 1 && series.description.echoTime == 0.028)
        // (0021,105E) of instances 19 to 36: the second volume, less its start.
        let timer = [
            1.002300, 1.502300, 1.057800, 1.557800, 1.113400, 1.613400, 1.168900, 1.668900, 1.224500, 1.724500,
            1.280000, 1.780000, 1.335600, 1.835600, 1.391100, 1.891100, 1.446700, 1.946700,
        ]
        #expect(series.description.sliceTiming.count == timer.count)
        for (time, other) in zip(series.description.sliceTiming, timer) { #expect(abs(time - (other - 1.0023)) < 1e-3) }
    }

    @Test("of Siemens' mosaics has their slices and times")
    func siemens() throws {
        let path = try SharedMaterial.url("data/pyneal-scanners/tests/testData/Siemens_env").path
        let folder = try DICOMFolder(path)
        let series = try #require(folder.series.first)
        #expect(series.temporalPositions == [0, 1, 2])
        #expect(series.description.grid.shape == [64, 64, 18])
        #expect(length(series.description.grid.voxelSize - [3, 3, 3.8]) < 1e-6)
        #expect(series.description.repetitionTime == 1)
        // (0019,1029) in ms.
        let first = [0.49, 0, 0.5425, 0.055, 0.5975, 0.1075, 0.6525, 0.1625]
        for (time, other) in zip(series.description.sliceTiming, first) { #expect(abs(time - other) < 1e-6) }
        #expect(Set(folder.skipped.map { ($0.path as NSString).pathExtension }) == ["gz", "yaml"])
        #expect(folder.skipped.allSatisfy { $0.reason.detail.contains("missing DICM prefix") })
    }

    @Test("with a copy and a broken file names both")
    func copies() throws {
        let path = try SharedMaterial.url("data/rtcloud-siemens-mosaic").path
        let folder = try DICOMFolder(path)
        let series = try #require(folder.series.first)
        #expect(folder.series.count == 1 && series.count == 6)
        #expect(series.duplicates.count == 1)
        #expect(series.duplicates.first?.path.hasSuffix("tests/test_input/001_000013_000005.dcm") == true)
        let broken = folder.skipped.first { $0.path.contains("trunc_") }
        #expect(broken?.reason.code == .truncated)
        #expect(series.description.grid.shape == [64, 64, 27])
    }

    @Test("with several series keeps them apart")
    func several() throws {
        let folder = try DICOMFolder(try SharedMaterial.url("data/dcmqa-nih/In").path)
        #expect(folder.series.map(\.description.seriesNumber) == [3, 4, 5, 6])
        #expect(folder.series.allSatisfy { $0.count == 2 })
        #expect(folder.skipped.allSatisfy { $0.path.hasSuffix(".txt") })
    }

    @Test("that is not there is refused")
    func absent() {
        #expect(throws: NeuroimagingError.self) { try DICOMFolder("/nonexistent/folder") }
    }
}
