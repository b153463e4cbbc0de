import Foundation
import Sessions
import TestSupport
import Testing

/// A small disk of its own.
private final class SmallDisk {
    let path: String

    /// Whether one can be had: that needs root.
    static let isAvailable = (try? SmallDisk(megabytes: 1)) != nil

    init(megabytes: Int) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("disk-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            try? FileManager.default.removeItem(atPath: path)
            throw CocoaError(.fileWriteNoPermission)
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: path)
    }

    private var ballast: String { "\(path)/ballast" }

    /// Fills it to the last byte.
    func fill() {
        let descriptor = open(ballast, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(descriptor) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(descriptor, block, block.count) > 0 {}
    }

    /// Makes room again.
    func empty() { unlink(ballast) }
}

extension DaemonTests {
    @Test(
        "stops recording, visibly, on a full disk, goes on decoding, and records again once there is room",
        .enabled(if: SmallDisk.isAvailable, "mounting a small disk needs root")
    )
    func fullDisk() async throws {
        let disk = try SmallDisk(megabytes: 24)
        let bench = try await DaemonBench(state: "\(disk.path)/state")
        let (scanner, count) = (bench.scanner, bench.scanner.scan.volumes.count)
        try await bench.startHeard()
        try scanner.begin()
        try scanner.send(0..<8)
        try #require(await eventually { bench.history.status?.volumes.recorded == 8 }, "\(bench.log)")
        disk.fill()
        try scanner.send(8..<count)
        try #require(await eventually { bench.history.status?.recording.state == "stopped" }, "\(bench.log)")
        #expect(bench.history.status?.recording.detail != nil)
        try scanner.end()
        let trials = scanner.scan.events.count
        try #require(await eventually { bench.history.images.count == trials }, "\(bench.log)")
        disk.empty()
        // The next run, in a session of its own: its statistics do not rest on what was lost.
        try scanner.begin(session: "s2")
        try scanner.send(0..<count, session: "s2")
        try scanner.end(session: "s2")
        try #require(await eventually { bench.history.images.count == 2 * trials }, "\(bench.log)")
        #expect(await bench.stop() == 0)
        #expect(try SessionValidator.problems(ofCopyOf: bench) == [])
        let expected = try scanner.scan.expectedTrials(folder: URL(fileURLWithPath: bench.bundle))
        let validator = SessionValidator(store: bench.store, scan: scanner.scan)
        let shortcomings = try validator.shortcomings(session: "s2")
        #expect(shortcomings == [], "\(bench.log)")
        #expect(try validator.arePatterns(of: "s1", equalTo: expected))
        #expect(try validator.arePatterns(of: "s2", equalTo: expected))
        Robustness.report("full disk", "stopped, decoded \(trials) trials meanwhile, recorded the next run")
        await bench.close()
    }
}
