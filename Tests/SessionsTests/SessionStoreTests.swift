import Foundation
import GRDB
import Testing

@testable import Sessions

@Suite("The store of sessions")
struct SessionStoreTests {
    private let folder: TemporaryFolder
    private let store: SessionStore

    init() throws {
        folder = try TemporaryFolder()
        store = SessionStore(folder: folder.file("state"))
    }

    @Test("is readable by its owner only")
    func rights() throws {
        let log = try store.openLog()
        try log.insert(SampleRecords.session())
        for (path, mode) in [(store.folder.path, 0o700), (log.path, 0o600), (log.path + "-wal", 0o600)] {
            let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(rights == mode, "\(path)")
        }
    }

    @Test("is used by one daemon at a time, and read by anyone meanwhile")
    func lock() throws {
        let lock = try store.lock()
        let log = try store.openLog()
        #expect(#expect(throws: SessionError.self) { try store.lock() }?.code == .unwritable)
        let session = try log.insert(SampleRecords.session())
        let reading = try store.readLog()
        #expect(try reading.sessions() == [session])
        #expect(#expect(throws: SessionError.self) { try reading.insert(session) }?.code == .unwritable)
        let second = try log.insert(SampleRecords.session("2"))
        #expect(try reading.sessions().map(\.name).sorted() == [second.name, session.name])
        lock.release()
        try store.lock().release()
    }

    @Test("refuses a log of a later version, and what is no log")
    func versions() throws {
        #expect(#expect(throws: SessionError.self) { try store.readLog() }?.code == .missing)
        try store.openLog().close()
        try DatabaseQueue(path: store.logPath).write { database in
            try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('2099-01-01 later')")
        }
        for open in [{ _ = try store.openLog() }, { _ = try store.readLog() }] as [() throws -> Void] {
            let error = #expect(throws: SessionError.self) { try open() }
            #expect(error?.code == .inconsistent && error?.detail.contains("later version") == true)
        }
        try Data("no database, but a text that is long enough".utf8).write(to: URL(fileURLWithPath: store.logPath))
        #expect(#expect(throws: SessionError.self) { try store.openLog() }?.code == .damaged)
    }

    @Test("brings a log of an earlier version, or one that is empty, up to date")
    func migration() throws {
        try FileManager.default.createDirectory(at: store.folder, withIntermediateDirectories: true)
        try DatabaseQueue(path: store.logPath).write { try $0.execute(sql: "CREATE TABLE other(x)") }
        #expect(#expect(throws: SessionError.self) { try store.readLog() }?.code == .inconsistent)
        try store.openLog().close()
        #expect(try store.readLog().sessions() == [])
    }

    @Test("makes names for files that are safe and differ where names do")
    func names() {
        #expect(SessionStore.fileName("2026-01-02_a.b") == "2026-01-02_a.b")
        #expect(SessionStore.fileName("../a b") == "%2e.%2fa%20b")
        #expect(SessionStore.fileName("ä") == "%c3%a4")
        #expect(SessionStore.fileName(".") == "%2e")
        #expect(SessionStore.fileName("") == "%")
        let long = String(repeating: "x", count: 1000)
        #expect(SessionStore.fileName(long).utf8.count < 200)
        let names = ["", "%", ".", "..", "a/b", "a%2fb", "a b", "a\u{0}b", long, long + "y"]
        #expect(Set(names.map { SessionStore.fileName($0) }).count == names.count)
    }

    @Test("numbers the parts of a run's recording")
    func parts() throws {
        for _ in 0..<2 {
            let url = try store.nextRecording(session: "s", run: "r")
            try RecordingWriter(url: url, description: SampleVolumes.description()).close()
        }
        let other = try store.nextRecording(session: "s", run: "r-1")
        try RecordingWriter(url: other, description: SampleVolumes.description()).close()
        #expect(store.recordings(session: "s", run: "r").map(\.lastPathComponent) == ["r-001.h5", "r-002.h5"])
        #expect(store.recordings(session: "s", run: "r-1").map(\.lastPathComponent) == ["r-1-001.h5"])
        #expect(store.recordedBytes(ofSession: "s") > 3000)
        #expect(try store.freeSpace() > 0)
    }

    @Test("gives back a checkpoint only as it was written")
    func checkpoint() throws {
        let url = try store.newCheckpoint(session: "s", run: "r", volume: 24)
        #expect(url.lastPathComponent == "r-000024.state")
        let state = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let digest = try CheckpointFile.write(state, to: url)
        #expect(try CheckpointFile.read(url, sha256: digest) == state)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.checkpoints(ofSession: "s").path).count == 1)
        try Data(state.dropLast()).write(to: url)
        #expect(#expect(throws: SessionError.self) { try CheckpointFile.read(url, sha256: digest) }?.code == .damaged)
        try FileManager.default.removeItem(at: url)
        #expect(#expect(throws: SessionError.self) { try CheckpointFile.read(url, sha256: digest) }?.code == .missing)
    }
}
