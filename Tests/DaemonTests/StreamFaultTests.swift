import Foundation
import Streaming
import Tensors
import TestSupport
import Testing

extension DaemonTests {
    @Test("counts lost, repeated, swapped and late volumes exactly, and estimates as from those that came")
    func streamFaults() async throws {
        let rounds = Robustness.repetitions.map { max(1, $0 / 10) } ?? 1
        var random = RandomNumbers(seed: 11, purpose: "stream faults")
        var sum = (lost: 0, repeated: 0, late: 0)
        for _ in 0..<rounds {
            let bench = try await DaemonBench()
            bench.settings["ingest"]?["gapDeadline"] = "0.3"
            try await bench.startHeard()
            let scanner = bench.scanner
            try scanner.begin()
            let last = scanner.scan.volumes.count - 1
            var (lost, late, repeated) = ([Int](), [Int](), [Int]())
            var pending: [Int] = []
            for index in 0...last {
                let chance = random.uniform()
                switch chance {
                case ..<0.1 where index < last: lost.append(index)
                case ..<0.2 where index < last: late.append(index)
                case ..<0.35 where index < last: pending.append(index)
                default:
                    try scanner.send(index)
                    for earlier in pending { try scanner.send(earlier) }
                    pending = []
                    guard chance < 0.5 else { continue }
                    repeated.append(index)
                    try scanner.send(index)
                }
            }
            let missing = lost.count + late.count
            try #require(await eventually { bench.history.status?.volumes.missing == missing }, "\(bench.log)")
            for index in late { try scanner.send(index) }
            try scanner.end()
            try #require(await eventually { bench.history.status?.state == "waiting" }, "\(bench.log)")
            let counts = try #require(bench.history.status?.volumes)
            let processed = (0...last).filter { !lost.contains($0) && !late.contains($0) }
            #expect(counts.missing == missing && counts.late == late.count && counts.duplicate == repeated.count)
            #expect(counts.processed == processed.count && counts.dropped == 0 && counts.refused == 0)
            #expect(counts.received == processed.count + repeated.count + late.count)
            #expect(await bench.stop() == 0)
            let validator = SessionValidator(store: bench.store, scan: scanner.scan)
            #expect(try validator.problems(bench.history) == [])
            let expected = try scanner.scan.expectedTrials(
                indices: processed,
                folder: URL(fileURLWithPath: bench.bundle)
            )
            #expect(try validator.arePatterns(of: "s1", equalTo: expected))
            #expect(try validator.differences("s1", bundle: bench.bundle) == [])
            (sum.lost, sum.repeated) = (sum.lost + lost.count, sum.repeated + repeated.count)
            sum.late += late.count
            await bench.close()
        }
        Robustness.report(
            "stream faults",
            "\(rounds) runs, \(sum.lost) lost, \(sum.repeated) repeated, \(sum.late) late: counted exactly"
        )
    }

    @Test("goes on after the network was cut, and after the publisher was started again")
    func publisherRestart() async throws {
        let port = FreePort.next()
        let bench = try await DaemonBench { settings in
            settings.publish = "tcp://127.0.0.1:\(port)"
            settings.resend = "tcp://127.0.0.1:\(FreePort.next())"
        }
        try await bench.startHeard()
        let (scanner, count) = (bench.scanner, bench.scanner.scan.volumes.count)
        try scanner.begin()
        try scanner.send(0..<5)
        try #require(await eventually { bench.history.status?.volumes.processed == 5 })
        async let cut: Void = scanner.publisher.interrupt(for: .seconds(1))
        try scanner.send(5..<15)
        await cut
        let returned = ContinuousClock.now
        try #require(await eventually { bench.history.status?.volumes.processed == 15 }, "\(bench.log)")
        let back = (ContinuousClock.now - returned) / .seconds(1)
        await scanner.publisher.close()
        var settings = PublisherSettings(publish: scanner.publisher.address, resend: scanner.publisher.resendAddress)
        settings.heartbeatInterval = .milliseconds(50)
        let other = Scanner(scan: scanner.scan, publisher: try await StreamPublisher(settings))
        try other.send(15..<count)
        try other.end()
        let trials = scanner.scan.events.count
        try #require(await eventually { bench.history.images.count == trials }, "\(bench.log)")
        #expect(await bench.stop() == 0)
        #expect(try SessionValidator(store: bench.store, scan: scanner.scan).shortcomings(session: "s1") == [])
        Robustness.report("network cut", "all volumes \(String(format: "%.1f", back)) s after a cut of 1 s")
        await other.publisher.close()
        await bench.close()
    }
}
