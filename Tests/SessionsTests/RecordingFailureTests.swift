import Foundation
import Neuroimaging
import Testing

@testable import Sessions

@Suite("A recording whose writing fails")
struct RecordingFailureTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "holds every flushed volume, whichever write was the last before the process was killed",
        arguments: [(SIMD3(5, 4, 3), false), (SIMD3(5, 4, 3), true), (SIMD3(40, 40, 3), false)]
    )
    func killed(shape: SIMD3<Int>, compresses: Bool) throws {
        let grid = VoxelGrid(shape: shape, affine: SampleRecords.grid.affine)
        // More than the index block of HDF5's extensible arrays holds, so that they grow.
        let volumes = try (0..<10).map { try SampleVolumes.volume($0, grid: grid) }
        var (death, writes) = (0, 0)
        repeat {
            for tears in [false, true] {
                let url = folder.file("killed.h5")
                let writer = try RecordingWriter(
                    url: url,
                    description: SampleVolumes.description(grid: grid),
                    compresses: compresses,
                    failure: .init(diesAfter: death, tears: tears)
                )
                var durable = 0
                for (number, volume) in volumes.enumerated() {
                    _ = try? writer.append(volume)
                    if number % 3 != 1 { try? writer.flush() }
                    if writer.isDead { break }
                    durable = writer.durableCount
                }
                try? writer.close()
                writes = writer.writes
                let reader = try RecordingReader(url: url)
                #expect(reader.count >= durable, "after write \(death)")
                for place in 0..<reader.count { #expect(try reader.volume(place) == volumes[place]) }
                try FileManager.default.removeItem(at: url)
            }
            death += 1
        } while writes >= death
        #expect(death > 30)
    }

    @Test(
        "says so, keeps what was flushed, lets go of the file, and the run goes on in another one",
        arguments: [(ENOSPC, SessionError.Code.diskFull), (EIO, .unwritable)]
    )
    func failing(code: Int32, expected: SessionError.Code) throws {
        var (place, writes) = (0, 0)
        repeat {
            let url = folder.file("failing.h5")
            var errors: [SessionError] = []
            var durable = 0
            var writer: RecordingWriter?
            do throws(SessionError) {
                let opened = try RecordingWriter(
                    url: url,
                    description: SampleVolumes.description(),
                    compresses: false,
                    failure: .init(failsAt: place, errno: code)
                )
                writer = opened
                for number in 0..<6 {
                    guard let volume = try? SampleVolumes.volume(number) else { break }
                    _ = try opened.append(volume)
                    try opened.flush()
                    durable = number + 1
                }
                try opened.close()
                writes = opened.writes
            } catch {
                errors.append(error)
            }
            if let writer, !errors.isEmpty {
                writes = max(writes, place + 1)
                #expect(writer.isReleased, "write \(place)")
                #expect(#expect(throws: SessionError.self) { try writer.flush() }?.code == expected)
                #expect(throws: Never.self) { try writer.close() }
            }
            // The last round is the one where nothing failed.
            if place < writes { #expect(errors.map(\.code) == [expected], "write \(place)") }
            let reader = try RecordingReader(url: url)
            #expect(reader.count >= durable, "write \(place)")
            for number in 0..<durable { #expect(try reader.volume(number) == SampleVolumes.volume(number)) }
            try FileManager.default.removeItem(at: url)
            place += 1
        } while place <= writes
        #expect(place > 20)
    }

    @Test("stops with a full disk and goes on in a new file when there is space again")
    func fullDisk() throws {
        let disk = folder.file("disk")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        guard mount("none", disk.path, "tmpfs", 0, "size=1m") == 0 else {
            print("skipped: a small file system cannot be mounted here: \(String(cString: strerror(errno)))")
            return
        }
        defer { umount2(disk.path, 2) }
        let store = SessionStore(folder: disk)
        let log = try store.openLog()
        let session = try #require(try log.insert(SampleRecords.session()).id)
        let grid = VoxelGrid(shape: [40, 40, 20], affine: SampleRecords.grid.affine)
        let description = SampleVolumes.description(grid: grid)
        let writer = try RecordingWriter(url: store.nextRecording(session: "s", run: "r"), description: description)
        var failure: SessionError?
        do throws(SessionError) {
            for number in 0..<100 {
                guard let volume = try? SampleVolumes.volume(number, grid: grid) else { break }
                _ = try writer.append(volume)
                try writer.flush()
            }
        } catch { failure = error }
        #expect(failure?.code == .diskFull)
        #expect(writer.isReleased)
        let full = #expect(throws: SessionError.self) {
            for number in 0..<1000 {
                try log.insert(SampleRecords.run(session, "\(number)" + String(repeating: "x", count: 3000)))
            }
        }
        #expect(full?.code == .diskFull)
        #expect(writer.durableCount > 5)
        do {
            let first = try RecordingReader(url: writer.url)
            #expect(first.count >= writer.durableCount)
            for place in 0..<writer.durableCount {
                #expect(try first.volume(place) == SampleVolumes.volume(place, grid: grid))
            }
        }
        try FileManager.default.removeItem(at: writer.url)
        try log.insert(SampleRecords.run(session, "after"))
        #expect(try log.run(named: "after", ofSession: session) != nil)
        #expect(try log.integrityProblems() == [])
        let second = try RecordingWriter(url: store.nextRecording(session: "s", run: "r"), description: description)
        _ = try second.append(SampleVolumes.volume(0, grid: grid))
        try second.close()
        #expect(try RecordingReader(url: second.url).count == 1)
        try log.close()
    }

    @Test("reports a folder that is not there or not a folder")
    func noFolder() throws {
        let error = #expect(throws: SessionError.self) {
            try RecordingWriter(url: folder.file("no/x.h5"), description: SampleVolumes.description())
        }
        #expect(error?.code == .missing)
        try Data([1]).write(to: folder.file("file"))
        #expect(throws: SessionError.self) {
            try SessionStore(folder: folder.file("file")).nextRecording(session: "s", run: "r")
        }
        #expect(throws: SessionError.self) { try SessionStore(folder: folder.file("file")).openLog() }
    }
}
