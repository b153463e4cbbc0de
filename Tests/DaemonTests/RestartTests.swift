import Foundation
import TestSupport
import Testing

extension DaemonTests {
    @Test("started again between runs, it does not process the one before again")
    func betweenRuns() async throws {
        let bench = try await DaemonBench()
        let count = bench.scanner.scan.volumes.count
        let validator = SessionValidator(store: bench.store, scan: bench.scanner.scan)
        for (number, session) in ["s1", "s2"].enumerated() {
            try await bench.startHeard()
            try bench.scanner.begin(session: session)
            try bench.scanner.send(0..<count, session: session)
            try bench.scanner.end(session: session)
            let isComplete = try await eventually {
                try bench.isReady && validator.shortcomings(session: session).isEmpty
            }
            try #require(isComplete, "\(bench.log)")
            if number == 0 { await bench.kill() }
        }
        #expect(await bench.stop() == 0)
        #expect(try validator.shortcomings(session: "s1") == [])
        #expect(bench.history.motions.filter { $0.session == "s1" }.count == count)
        await bench.close()
    }

    @Test("told to stop in the middle of a run and started again, it goes on with the run as if it had not stopped")
    func stoppedRun() async throws {
        let bench = try await DaemonBench()
        let (scanner, count) = (bench.scanner, bench.scanner.scan.volumes.count)
        // 5 is where a state is kept anyway, 14 is not.
        for part in [0..<5, 5..<14, 14..<count] {
            let isFirst = part.lowerBound == 0
            if !isFirst { try scanner.send(part.prefix(3)) }
            try await bench.startHeard()
            if isFirst { try scanner.begin() }
            try scanner.send(isFirst ? part : part.dropFirst(3))
            let last = part.upperBound - 1
            try #require(await eventually { bench.history.status?.index == last }, "\(bench.log)")
            guard part.upperBound < count else { break }
            #expect(await bench.stop() == 0)
            let log = try bench.store.readLog()
            let run = try #require(try log.lastRun()?.run)
            #expect((run.state, run.endReason) == (.interrupted, "stopped"))
            // Nothing is estimated before its time.
            #expect(try log.trials(ofRun: run.id ?? 0).allSatisfy { $0.lastVolume < part.upperBound })
        }
        try scanner.end()
        let validator = SessionValidator(store: bench.store, scan: scanner.scan)
        let isComplete = try await eventually { try validator.shortcomings(session: "s1").isEmpty }
        #expect(isComplete, "\(bench.log)")
        #expect(await bench.stop() == 0)
        let expected = try scanner.scan.expectedTrials(folder: URL(fileURLWithPath: bench.bundle))
        #expect(try validator.arePatterns(of: "s1", equalTo: expected))
        #expect(try validator.differences("s1", bundle: bench.bundle) == [])
        #expect(try SessionValidator.problems(ofCopyOf: bench) == [])
        await bench.close()
    }

    @Test("killed when a run has just ended, it still decodes the run's last trials")
    func afterTheEnd() async throws {
        let bench = try await DaemonBench()
        bench.settings["decoding"]?["steps"] = "40"
        bench.settings["decoding"]?["fewestSteps"] = "40"
        try await bench.startHeard()
        try bench.scanner.begin()
        try bench.scanner.send(0..<bench.scanner.scan.volumes.count)
        try bench.scanner.end()
        let hasEnded = try await eventually {
            guard let log = try? bench.store.readLog(), let session = try log.session(named: "s1")?.id else {
                return false
            }
            return try log.runs(ofSession: session).first?.state == .ended
        }
        try #require(hasEnded, "\(bench.log)")
        await bench.kill()
        let validator = SessionValidator(store: bench.store, scan: bench.scanner.scan)
        #expect(try validator.shortcomings(session: "s1").count == 1)
        try await bench.start()
        let isComplete = try await eventually { try validator.shortcomings(session: "s1").isEmpty }
        #expect(isComplete, "\(bench.log)")
        #expect(await bench.stop() == 0)
        #expect(try validator.differences("s1", bundle: bench.bundle) == [])
        // The image says on how many trials its z-scores rest, as its pattern did.
        let images = bench.history.images
        #expect(!images.isEmpty)
        for image in images {
            let pattern = bench.history.patterns.last { $0.body.trial == image.body.trial && $0.body.isFinal }
            #expect(pattern?.body.standardizedBy == image.body.standardizedBy)
        }
        await bench.close()
    }

    @Test("processes a run anew, under a name of its own, after its settings were changed")
    func changedSettings() async throws {
        let bench = try await DaemonBench()
        let count = bench.scanner.scan.volumes.count
        try bench.scanner.begin()
        for (part, smoothing) in [0.0, 3, 4].enumerated() {
            var scan = bench.scanner.scan
            scan.smoothing = smoothing
            try SmallDecoder.writePreprocessing(to: URL(fileURLWithPath: bench.bundle), scan)
            let acknowledged = bench.history.acknowledgements.count
            try await bench.startHeard()
            try bench.scanner.send(part * count / 3..<(part + 1) * count / 3)
            try #require(await eventually { bench.history.acknowledgements.count > acknowledged }, "\(bench.log)")
            if part < 2 { await bench.kill() }
        }
        try bench.scanner.end()
        try #require(await eventually { bench.history.status?.state == "waiting" }, "\(bench.log)")
        #expect(await bench.stop() == 0)
        #expect(try SessionValidator.problems(ofCopyOf: bench) == [])
        let log = try bench.store.readLog()
        let session = try #require(try log.session(named: "s1")?.id)
        let runs = try log.runs(ofSession: session)
        #expect(runs.map(\.name) == ["r1", "r1~2", "r1~3"])
        #expect(runs.map(\.state) == [.interrupted, .interrupted, .ended])
        #expect(try log.volumes(ofRun: runs.last?.id ?? 0).map(\.index) == Array(0..<count))
        await bench.close()
    }
}
