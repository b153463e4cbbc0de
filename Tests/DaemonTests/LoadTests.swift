import Foundation
import Neuroimaging
import Synchronization
import TestSupport
import Testing
import WireFormat

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

    /// Sends runs; returns how long each volume took from the scanner to a subscriber that reads, in ms.
    private func sendRuns(_ bench: DaemonBench, _ names: [String]) async throws -> [Double] {
        let count = bench.scanner.scan.volumes.count
        var sent: [String: [ContinuousClock.Instant]] = [:]
        for name in names {
            try bench.scanner.begin(session: name)
            for index in 0..<count {
                sent[name, default: []].append(.now)
                try bench.scanner.send(index, session: name)
                try await Task.sleep(for: .milliseconds(25))
            }
            try bench.scanner.end(session: name)
            let isDone = await eventually {
                bench.history.motions.filter { $0.session == name }.count == count
                    && bench.history.status?.state == "waiting"
            }
            #expect(isDone, "\(bench.log)")
        }
        return bench.history.motionArrivals.compactMap { session, index, instant in
            sent[session].map { (instant - $0[index]) / .milliseconds(1) }
        }
    }

    @Test("is not held up by a subscriber that reads nothing, nor are others, and takes no more memory for it")
    func slowSubscriber() async throws {
        let bench = try await DaemonBench()
        bench.settings["output"]?["queue"] = "64"
        // Patterns of the whole head, read out again and again: the most that there is to publish.
        bench.settings["decoding"] = ["enabled": "false"]
        var scan = bench.scanner.scan
        scan.delays = (2...17).map(Double.init)
        try SmallDecoder.writePreprocessing(to: URL(fileURLWithPath: bench.bundle), scan)
        let grid = bench.scanner.scan.grid
        try NIfTIWriter.write(
            Volume(grid: grid, voxels: [Float](repeating: 1, count: grid.count)),
            to: "\(bench.bundle)/mask.nii.gz",
            dataType: .uint8
        )
        try await bench.startHeard()
        let runs = Robustness.count(short: 2)
        let reference = min(50, (runs + 1) / 2)
        _ = try await sendRuns(bench, ["warm"])
        var alone = try await sendRuns(bench, (0..<reference).map { "before\($0)" })
        let memory = residentBytes(bench.daemon?.process.processIdentifier)
        let silent = try (0..<8).map { _ in try SilentSubscriber() }
        for subscriber in silent { try await subscriber.connect(bench.output) }
        let missed = bench.history.counters.missed
        let (start, bytes) = (ContinuousClock.now, bench.history.patternBytes)
        let together = try await sendRuns(bench, (0..<runs).map { "during\($0)" })
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let rate = Double(bench.history.patternBytes - bytes) / seconds / 1e6
        let growth = residentBytes(bench.daemon?.process.processIdentifier) - memory
        for subscriber in silent { await subscriber.shutDown() }
        alone += try await sendRuns(bench, (0..<reference).map { "after\($0)" })
        #expect(bench.history.counters.missed == missed)
        #expect(growth < 50 << 20, "grew by \(growth) bytes")
        #expect(await bench.stop() == 0)
        let (median, p99) = (Robustness.percentile(alone, 0.5), Robustness.percentile(alone, 0.99))
        let (medianNow, p99Now) = (Robustness.percentile(together, 0.5), Robustness.percentile(together, 0.99))
        // A tenth, and what a machine that does other things as well needs.
        if Robustness.repetitions != nil {
            #expect(medianNow < 1.1 * median + 1, "\(medianNow) and \(median) ms")
            #expect(p99Now < 1.1 * p99 + 5, "\(p99Now) and \(p99) ms")
        }
        Robustness.report(
            "slow subscriber",
            String(
                format: "8 that read nothing for %d runs (%.0f s at %.2f MB/s each); another missed %d; memory grew by "
                    + "%d KiB; to it a volume took %.1f ms (median), %.1f ms (p99) alone, %.1f and %.1f ms together",
                runs,
                seconds,
                rate,
                bench.history.counters.missed - missed,
                growth >> 10,
                median,
                p99,
                medianNow,
                p99Now
            )
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

    /// Sends runs at a pace; returns what the last status of each counted, once all of its trials were dealt with.
    private func sendPaced(_ bench: DaemonBench, _ runs: Int, pace: Duration) async throws -> [StatusBody] {
        let scanner = bench.scanner
        var counted: [StatusBody] = []
        for run in 0..<runs {
            let name = "s\(run)"
            try scanner.begin(session: name)
            for index in scanner.scan.volumes.indices {
                try scanner.send(index, session: name)
                try await Task.sleep(for: pace)
            }
            try scanner.end(session: name)
            bench.history.forgetStatus()
            let isDone = await eventually {
                guard let status = bench.history.status, status.state == "waiting" else { return false }
                let trials = status.trials
                return trials.decoded + trials.cutShort + trials.dropped == scanner.scan.events.count
            }
            #expect(isDone, "\(bench.log)")
            if let status = bench.history.status { counted.append(status) }
        }
        return counted
    }

    @Test("publishes images no older than two volumes when volumes come at four times their pace")
    func overloadDecoding() async throws {
        let bench = try await DaemonBench()
        let pace = SmallScan.repetitionTime / 4
        bench.settings["ingest"]?["queue"] = "2"
        // Images take all the time until the next trial, so that decoding never rests.
        bench.settings["decoding"] = [
            "steps": "1000", "fewestSteps": "1", "deadline": "\(4 * pace)", "queue": "2", "samples": "4",
        ]
        try await bench.startHeard()
        let runs = Robustness.repetitions.map { max(1, $0 / 20) } ?? 1
        let start = ContinuousClock.now
        let counted = try await sendPaced(bench, runs, pace: .seconds(pace))
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let ages = bench.history.images.map(\.body.age)
        let busy = bench.history.images.reduce(0) { $0 + ($1.body.latencies["steps"] ?? 0) / 1000 } / seconds
        for status in counted {
            let volumes = status.volumes
            #expect(volumes.received == volumes.processed + volumes.dropped)
            #expect(volumes.missing == 0 && volumes.late == 0 && volumes.refused == 0)
        }
        #expect(!ages.isEmpty)
        let p99 = Robustness.percentile(ages, 0.99)
        #expect(p99 <= 2 * SmallScan.repetitionTime, "\(ages)")
        #expect(await bench.stop() == 0)
        #expect(try SessionValidator.problems(ofCopyOf: bench) == [])
        let dropped = counted.reduce(0) { $0 + $1.volumes.dropped }
        Robustness.report(
            "overload, decoding",
            String(
                format: "%d runs at 4 times their pace, decoding busy for %.0f %% of the time: %d images, p99 of their "
                    + "age %.2f s (2 TR are %.0f s); %d volumes dropped, all counted",
                runs,
                100 * busy,
                ages.count,
                p99,
                2 * SmallScan.repetitionTime,
                dropped
            )
        )
        await bench.close()
    }

    @Test("keeps its deadline over many volumes, and counts every image that misses it")
    func deadlinesKept() async throws {
        let bench = try await DaemonBench()
        // As long as from one trial to the next, as by default.
        let deadline = Robustness.repetitions == nil ? 0.4 : 1
        bench.settings["decoding"] = ["steps": "1000", "fewestSteps": "1", "deadline": "\(deadline)", "queue": "4"]
        try await bench.startHeard()
        let count = bench.scanner.scan.volumes.count
        let runs = Robustness.repetitions.map { ($0 * 5 + count - 1) / count } ?? 1
        let counted = try await sendPaced(bench, runs, pace: .seconds(deadline / 4))
        let ages = bench.history.images.map(\.body.age)
        let p99 = Robustness.percentile(ages, 0.99)
        let late = ages.filter { $0 > deadline }.count
        if Robustness.repetitions != nil { #expect(p99 < deadline, "\(ages)") }
        #expect(counted.reduce(0) { $0 + $1.trials.late } == late)
        #expect(bench.history.images.filter(\.body.isLate).count == late)
        #expect(await bench.stop() == 0)
        Robustness.report(
            "deadlines",
            String(
                format: "%d volumes, %d images: %.2f s after the pattern (median), %.2f s (p99), deadline %.2f s; "
                    + "%d late, all marked and counted",
                runs * count,
                ages.count,
                Robustness.percentile(ages, 0.5),
                p99,
                deadline,
                late
            )
        )
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
                bench.history.status.map {
                    $0.trials.late == late && $0.trials.decoded + $0.trials.cutShort == trials
                } ?? false
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
