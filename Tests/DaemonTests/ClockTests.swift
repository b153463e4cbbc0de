import Foundation
import TestSupport
import Testing

extension DaemonTests {
    @Test(
        "measures and orders as before when the wall clock steps by an hour amid a run",
        arguments: [3600.0, -3600.0]
    )
    func clockStep(seconds: Double) async throws {
        let bench = try await DaemonBench()
        let points = try Failpoints(file: bench.folder.path("failpoints"), under: bench.state)
        bench.environment = try #require(points.environment)
        try await bench.startHeard()
        let (scanner, count) = (bench.scanner, bench.scanner.scan.volumes.count)
        try scanner.begin()
        try scanner.send(0..<10)
        try #require(await eventually { bench.history.motions.count == 10 })
        points.shiftClock(by: seconds)
        try scanner.send(10..<count)
        try scanner.end()
        let trials = scanner.scan.events.count
        try #require(await eventually { bench.history.images.count == trials }, "\(bench.log)")
        try #require(await eventually { bench.history.status?.state == "waiting" })
        let latencies = try #require(bench.history.status?.latencies)
        #expect(latencies.values.allSatisfy { $0.max >= 0 && $0.max < 60_000 }, "\(latencies)")
        #expect(bench.history.images.allSatisfy { (0..<60).contains($0.body.age) && !$0.body.isLate })
        #expect(await bench.stop() == 0)
        let validator = SessionValidator(store: bench.store, scan: scanner.scan)
        #expect(try validator.shortcomings(session: "s1") == [])
        #expect(try validator.differences("s1", bundle: bench.bundle) == [])
        let log = try bench.store.readLog()
        let session = try #require(try log.session(named: "s1")?.id)
        let run = try #require(try log.runs(ofSession: session).first)
        let volumes = try log.volumes(ofRun: run.id ?? 0)
        // Within a run, times go on as they began.
        let times = volumes.map(\.receivedAt)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 } && (times.last ?? 0) - (times.first ?? 0) < 60)
        #expect(volumes.allSatisfy { $0.latencies.values.allSatisfy { (0..<60_000).contains($0) } })
        Robustness.report("clock step of \(Int(seconds)) s", "\(count) volumes, \(trials) images, times in order")
        await bench.close()
    }
}
