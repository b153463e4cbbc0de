import CHDF5
import CHDF5Shim
import Foundation
import HDF5
import Neuroimaging
import Testing

@testable import Sessions

@Suite("A recording that is not what it should be")
struct HostileRecordingTests {
    private let folder: TemporaryFolder
    private let bytes: [UInt8]
    private let volumes: [RecordedVolume]

    init() throws {
        folder = try TemporaryFolder()
        volumes = try (0..<8).map { try SampleVolumes.volume($0) }
        let url = folder.file("sound.h5")
        let writer = try RecordingWriter(url: url, description: SampleVolumes.description())
        for volume in volumes { _ = try writer.append(volume) }
        try writer.close()
        bytes = try Array(Data(contentsOf: url))
    }

    /// Reads all that can be read; what is given must be right.
    private func read(_ content: [UInt8], _ name: String) throws -> Int? {
        let url = folder.file(name)
        try Data(content).write(to: url)
        guard let reader = try? RecordingReader(url: url) else { return nil }
        guard reader.description.grid.shape == SampleRecords.grid.shape else { return nil }
        for place in 0..<reader.count {
            guard let volume = try? reader.volume(place) else { continue }
            #expect(volume.volume.bytes == volumes[place].volume.bytes)
        }
        return reader.count
    }

    @Test("gives an error or sound volumes where it is cut, at 200 lengths")
    func cut() throws {
        #expect(try read(bytes, "whole") == 8)
        for part in 0..<200 {
            let count = try read(Array(bytes.prefix(bytes.count * part / 200)), "cut")
            if part == 0 { #expect(count == nil) }
        }
    }

    @Test("gives an error or sound volumes where bytes are changed")
    func flipped() throws {
        var random = SystemRandomNumberGenerator()
        // The fronts of pages, where the library keeps its own.
        for place in stride(from: 0, to: bytes.count, by: 13) where place % 4096 < 400 {
            var content = bytes
            content[place] ^= UInt8.random(in: 1...255, using: &random)
            _ = try read(content, "flipped")
        }
    }

    @Test("is refused where it is something else")
    func garbage() throws {
        for content in [[], [UInt8](repeating: 0, count: 5000), Array("CDF".utf8), Array(bytes[512...])] {
            #expect(try read(content, "garbage") == nil)
        }
        let missing = #expect(throws: SessionError.self) { try RecordingReader(url: folder.file("no.h5")) }
        #expect(missing?.code == .missing)
        #expect(throws: SessionError.self) { try RecordingReader(url: folder.url) }
    }

    @Test("is refused where it claims more than it has, before memory is allocated")
    func huge() throws {
        let large = VoxelGrid(shape: [1200, 1000, 1000], affine: SampleRecords.grid.affine)
        try RecordingSkeleton.write(folder.file("large.h5"), SampleVolumes.description(grid: large), compresses: false)
        let error = #expect(throws: SessionError.self) { try RecordingReader(url: folder.file("large.h5")) }
        #expect(error?.code == .damaged && error?.detail.contains("1200×1000×1000") == true)
        let many = folder.file("many.h5")
        try Data(bytes).write(to: many)
        for name in ["volumes"] + RecordedColumn.allCases.map(\.rawValue) { try extend(name, of: many, to: 1 << 30) }
        let count = #expect(throws: SessionError.self) { try RecordingReader(url: many) }
        #expect(count?.code == .damaged && count?.detail.contains("claims 1073741824 volumes") == true)
    }

    @Test("may have room for volumes that were never written")
    func unwritten() throws {
        let url = folder.file("room.h5")
        try Data(bytes).write(to: url)
        for name in ["volumes"] + RecordedColumn.allCases.map(\.rawValue) { try extend(name, of: url, to: 12) }
        #expect(try RecordingReader(url: url).count == 8)
    }

    private func extend(_ name: String, of url: URL, to count: Int) throws {
        try HDF5Library.exclusively { () throws(SessionError) in
            let file = H5Fopen(url.path, 1, percept_h5_default())
            let set = H5Dopen2(file, name, percept_h5_default())
            let shape = SampleRecords.grid.shape
            let extent = [hsize_t(count), hsize_t(shape.z), hsize_t(shape.y), hsize_t(shape.x)]
            let status = H5Dset_extent(set, extent)
            H5Dclose(set)
            guard H5Fclose(file) >= 0, status >= 0 else {
                throw SessionError(.unwritable, name, HDF5Library.complaint())
            }
        }
    }
}
