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
