import Foundation
import TestSupport
import Testing

extension DaemonTests {
    @Test("told to stop in the middle of volumes, it closes the run as stopped, completes its files, and is quick")
    func stopped() async throws {
        let rounds = Robustness.repetitions.map { max(1, $0 / 10) } ?? 2
        var times: [Double] = []
        for _ in 0..<rounds {
            let bench = try await DaemonBench()
            try await bench.startHeard()
            try bench.scanner.begin()
            try bench.scanner.send(0..<25)
            try #require(await eventually { !bench.history.motions.isEmpty })
            let start = ContinuousClock.now
            #expect(await bench.stop() == 0, "\(bench.log)")
            times.append((ContinuousClock.now - start) / .seconds(1))
            let log = try bench.store.readLog()
            let session = try #require(try log.session(named: "s1")?.id)
            let run = try #require(try log.runs(ofSession: session).first)
            #expect((run.state, run.endReason) == (.interrupted, "stopped"))
            #expect(try SessionValidator.problems(ofCopyOf: bench) == [])
            let files = try FileManager.default.contentsOfDirectory(atPath: bench.state)
            #expect(!files.contains { $0.hasSuffix(".partial") })
            // Everything is in the main file.
            let waiting = try? FileManager.default.attributesOfItem(atPath: bench.store.logPath + "-wal")[.size] as? Int
            #expect(waiting ?? 0 == 0)
            await bench.close()
        }
        #expect(times.allSatisfy { $0 < 5.5 }, "\(times)")
        Robustness.report("SIGTERM", "\(rounds) stops amid volumes: \(Robustness.summary(times))")
    }

    @Test("a second signal ends it at once")
    func forced() async throws {
        let bench = try await DaemonBench()
        bench.settings["decoding"] = ["steps": "1000", "fewestSteps": "1000", "deadline": "60", "samples": "64"]
        try await bench.startHeard()
        try bench.scanner.begin()
        try bench.scanner.send(0..<12)
        try #require(await eventually { bench.history.status?.trials.patterns ?? 0 > 0 })
        bench.daemon?.signal(SIGTERM)
        try #require(await eventually { bench.notifications.messages.contains { $0.hasPrefix("STOPPING=1") } })
        bench.daemon?.signal(SIGTERM)
        let status = await bench.daemon?.end()
        // Unless the first was enough meanwhile.
        #expect(status == 75 || status == 0, "\(bench.log)")
        #expect(try SessionValidator.problems(ofCopyOf: bench) == [])
        await bench.close()
    }
}
