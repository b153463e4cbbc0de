import Foundation
import Neuroimaging
import SharedMaterial
import Testing

@Suite(
    "Assembling DICOM files as they come",
    .enabled(if: SharedMaterial.isPresent, Comment(rawValue: SharedMaterial.missing))
)
struct DICOMAssemblerTests {
    /// The contents of the files of a folder that look like DICOM, by path.
    static func files(_ folder: String) throws -> [(name: String, bytes: [UInt8])] {
        let root = try SharedMaterial.url("data/" + folder)
        let names = FileManager.default.enumerator(atPath: root.path)?.allObjects.compactMap { $0 as? String } ?? []
        return try names.sorted().compactMap { name in
            let url = root.appendingPathComponent(name)
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return nil }
            return (name, [UInt8](try Data(contentsOf: url)))
        }
        .filter { $0.bytes.count > 132 && $0.bytes[128..<132].elementsEqual("DICM".utf8) }
    }

    @Test("in any order gives the volumes of the folder", arguments: DICOMReference.all)
    func anyOrder(_ reference: DICOMReference) throws {
        let files = try Self.files(reference.folder)
        let series = try #require(
            try DICOMFolder(try SharedMaterial.url("data/" + reference.folder).path).series.first
        )
        var random = SplitMix(state: 7)
        let orders = [files, files.reversed(), files.shuffled(using: &random), files.shuffled(using: &random)]
        for (number, order) in orders.enumerated() {
            var assembler = DICOMAssembler()
            var volumes: [DICOMVolume] = []
            for file in order { volumes += try assembler.add(file.bytes) }
            let early = volumes.count
            volumes += assembler.finish()
            #expect(assembler.issues.isEmpty && assembler.waitingSlices == 0)
            #expect(early == volumes.count, "order \(number): \(volumes.count - early) volumes had to wait for the end")
            volumes.sort { $0.temporalPosition < $1.temporalPosition }
            #expect(volumes.map(\.temporalPosition) == series.temporalPositions)
            for (index, volume) in volumes.enumerated() {
                #expect(volume.volume == (try series.volume(index)).volume)
            }
            let description = try #require(assembler.descriptions.first)
            #expect(description.sliceTiming.count == series.description.sliceTiming.count)
        }
    }

    @Test("gives each volume with its last slice")
    func immediately() throws {
        let files = try Self.files("dcmqa-stc/In/GE")
        var assembler = DICOMAssembler()
        let counts = try files.map { try assembler.add($0.bytes).count }
        #expect(counts == (1...24).map { $0 % 8 == 0 ? 1 : 0 })
    }

    @Test("says which slices are missing")
    func missing() throws {
        var files = try Self.files("dcmqa-stc/In/GE")
        files.remove(at: 12)
        var assembler = DICOMAssembler()
        var volumes: [DICOMVolume] = []
        for file in files { volumes += try assembler.add(file.bytes) }
        #expect(volumes.map(\.temporalPosition) == [0, 2])
        #expect(assembler.waitingSlices == 7)
        #expect(assembler.finish().isEmpty)
        guard case .incomplete(_, let volume) = try #require(assembler.issues.first) else {
            Issue.record("no incomplete volume is reported")
            return
        }
        #expect(volume.temporalPosition == 1 && volume.slices == 7 && volume.expected == 8)
    }

    @Test("leaves out what came before and what is cut short")
    func duplicates() throws {
        var assembler = DICOMAssembler()
        var volumes: [DICOMVolume] = []
        var errors: [NeuroimagingError] = []
        for file in try Self.files("rtcloud-siemens-mosaic") {
            do { volumes += try assembler.add(file.bytes) } catch { errors.append(error) }
        }
        #expect(volumes.count == 6)
        #expect(errors.map(\.code) == [.truncated])
        #expect(assembler.issues.count == 1)
        #expect(volumes.allSatisfy { $0.volume.grid.shape == [64, 64, 27] && $0.sliceTiming.count == 27 })
        #expect(assembler.descriptions.map(\.repetitionTime) == [1.5])
    }
}

/// The generator SplitMix64, for orders that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
