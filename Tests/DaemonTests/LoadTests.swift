import Foundation
import Neuroimaging
import Synchronization
import TestSupport
import Testing

@testable import Streaming

/// A subscriber that never reads.
private actor SilentSubscriber {
    private let loop: SocketLoop
    private var socket: ZeroMQSocket?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init() throws { loop = try SocketLoop(name: "silent") }

    func connect(_ address: String) throws {
        var options = SocketOptions()
        options.receiveQueue = 1
        let socket = try loop.makeSocket(.subscriber, options)
        // Few bytes wait on this side.
        try socket.set(12, 4096)
        try socket.subscribe("")
        try socket.connect(address)
        self.socket = socket
    }

    func shutDown() async { await loop.shutDown() }
}

extension DaemonTests {
    /// The memory of a process in bytes.
    private func residentBytes(_ process: Int32?) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(process ?? 0)/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ")
        return pages.count > 1 ? (Int(pages[1]) ?? 0) * 4096 : 0
    }

    /// The highest of the medians that `status` gave for a stage, in ms.
    private func sendRuns(_ bench: DaemonBench, _ names: [String]) async throws -> Double {
        let count = bench.scanner.scan.volumes.count
        var median = 0.0
        for name in names {
            try bench.scanner.begin(session: name)
            for index in 0..<count {
                try bench.scanner.send(index, session: name)
                try await Task.sleep(for: .milliseconds(25))
            }
            try bench.scanner.end(session: name)
            let isDone = await eventually {
                bench.history.motions.filter { $0.session == name }.count == count
                    && bench.history.status?.state == "waiting"
            }
            #expect(isDone, "\(bench.log)")
            median = max(median, bench.history.status?.latencies["volume"]?.median ?? 0)
        }
        return median
    }

    @Test("is not held up by a subscriber that reads nothing, nor are others, and takes no more memory for it")
    func slowSubscriber() async throws {
        let bench = try await DaemonBench()
        bench.settings["output"]?["queue"] = "8"
        // Patterns of the whole head: the most that there is to publish.
        bench.settings["decoding"] = ["enabled": "false"]
        let grid = bench.scanner.scan.grid
        try NIfTIWriter.write(
            Volume(grid: grid, voxels: [Float](repeating: 1, count: grid.count)),
            to: "\(bench.bundle)/mask.nii.gz",
            dataType: .uint8
        )
        try await bench.startHeard()
        let runs = Robustness.count(short: 2)
        let before = try await sendRuns(bench, ["warm", "before"])
        let memory = residentBytes(bench.daemon?.process.processIdentifier)
        let silent = try (0..<8).map { _ in try SilentSubscriber() }
        for subscriber in silent { try await subscriber.connect(bench.output) }
        let missed = bench.history.counters.missed
        let (start, bytes) = (ContinuousClock.now, bench.history.patterns.reduce(0) { $0 + $1.values.count })
        let during = try await sendRuns(bench, (0..<runs).map { "during\($0)" })
        let growth = residentBytes(bench.daemon?.process.processIdentifier) - memory
        #expect(bench.history.counters.missed == missed)
        #expect(growth < 50 << 20, "grew by \(growth) bytes")
        for subscriber in silent { await subscriber.shutDown() }
        #expect(await bench.stop() == 0)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let rate = Double(bench.history.patterns.reduce(0) { $0 + $1.values.count } - bytes) / seconds / 1e6
        let figures = String(
            format: "%.1f ms before, %.1f ms during; %.0f s at %.2f MB/s",
            before,
            during,
            seconds,
            rate
        )
        Robustness.report(
            "slow subscriber",
            "8 that read nothing for \(runs) runs; others missed none; memory grew by \(growth >> 10) KiB; volumes "
                + "took \(figures) (median)"
        )
        await bench.close()
    }

    @Test("drops the oldest volumes, exactly counted, when they come faster than they are processed")
    func overload() async throws {
        let bench = try await DaemonBench()
        bench.settings["ingest"]?["queue"] = "2"
        bench.settings["decoding"] = ["enabled": "false"]
        try await bench.startHeard()
        let scanner = bench.scanner
        let last = scanner.scan.volumes.count - 1
        let runs = Robustness.count(short: 3)
        var dropped = 0
        for run in 0..<runs {
            let name = "s\(run)"
            try scanner.begin(session: name)
            try scanner.send(0..<last + 1, session: name)
            let isNewest = await eventually {
                bench.history.motions.last.map { $0.session == name && $0.body.index == last } ?? false
            }
            #expect(isNewest, "\(bench.log)")
            try scanner.end(session: name)
            #expect(
                await eventually {
                    bench.history.status.map { $0.state == "waiting" && $0.volumes.received == last + 1 } ?? false
                }
            )
            let counts = try #require(bench.history.status?.volumes)
            #expect(counts.received == counts.processed + counts.dropped)
            #expect(counts.missing == 0 && counts.late == 0 && counts.refused == 0 && counts.duplicate == 0)
            dropped += counts.dropped
            bench.history.forgetStatus()
        }
        #expect(dropped > 0)
        #expect(await bench.stop() == 0)
        #expect(try SessionValidator.problems(ofCopyOf: bench) == [])
        Robustness.report("overload", "\(runs) runs at once: \(dropped) of \(runs * (last + 1)) dropped, all counted")
        await bench.close()
    }

    @Test("marks images that come after their deadline, and keeps those that were made before")
    func deadlines() async throws {
        let bench = try await DaemonBench()
        bench.settings["decoding"] = [
            "steps": "80", "fewestSteps": "80", "deadline": "0.1", "queue": "100", "samples": "1",
        ]
        try await bench.startHeard()
        let scanner = bench.scanner
        let trials = scanner.scan.events.count
        try scanner.begin()
        try scanner.send(0..<scanner.scan.volumes.count)
        try scanner.end()
        try #require(await eventually { bench.history.images.count == trials }, "\(bench.log)")
        let late = bench.history.images.filter(\.body.isLate).count
        #expect(late > 0)
        #expect(bench.history.images.allSatisfy { ($0.body.age > 0.1) == $0.body.isLate })
        #expect(
            await eventually {
                bench.history.status.map { $0.trials.late == late && $0.trials.decoded == trials } ?? false
            }
        )
        #expect(await bench.stop() == 0)
        let log = try bench.store.readLog()
        let session = try #require(try log.session(named: "s1")?.id)
        let run = try #require(try log.runs(ofSession: session).first?.id)
        let stored = try log.reconstructions(ofRun: run)
        #expect(stored.count == trials && stored.filter(\.isLate).count == late)
        await bench.close()
    }
}
