import Foundation
import Sessions
import Synchronization
import Tensors
import TestSupport
import Testing

/// Runs that follow one another without end, as a session of a scanner that knows nothing of the daemon's troubles.
private final class EndlessScan: Sendable {
    private let scanner: Scanner
    private let store: SessionStore
    private let begun = Mutex(0)
    private let isStopping = Mutex(false)

    init(_ bench: DaemonBench) { (scanner, store) = (bench.scanner, bench.store) }

    /// The sessions that were begun, each with one run.
    var sessions: [String] { (0..<begun.withLock { $0 }).map { "s\($0)" } }

    /// Ends after the run that goes on.
    func stop() { isStopping.withLock { $0 = true } }

    func run() async throws {
        while !isStopping.withLock({ $0 }), !Task.isCancelled {
            let number = begun.withLock { value in
                defer { value += 1 }
                return value
            }
            try scanner.begin(session: "s\(number)")
            for index in scanner.scan.volumes.indices {
                try scanner.send(index, session: "s\(number)")
                try await Task.sleep(for: .milliseconds(100))
            }
            try scanner.end(session: "s\(number)")
            // The next one does not begin before this one is through, so that no volume is dropped.
            while try !hasEnded("s\(number)"), !Task.isCancelled { try await Task.sleep(for: .milliseconds(100)) }
        }
    }

    /// Looks at a copy, so that the daemon finds everything as it was left.
    private func hasEnded(_ session: String) throws -> Bool {
        let folder = try TemporaryFolder()
        let copy = SessionStore(folder: folder.url)
        for suffix in ["", "-wal"] {
            try? FileManager.default.copyItem(atPath: store.logPath + suffix, toPath: copy.logPath + suffix)
        }
        // One that was changed while it was copied may be unreadable.
        guard let log = try? copy.readLog(), let id = try? log.session(named: session)?.id else { return false }
        return (try? log.runs(ofSession: id))?.last?.state == .ended
    }
}

extension DaemonTests {
    @Test("killed at any moment, it is ready again soon, goes on with the run, and keeps what it acknowledged")
    func killed() async throws {
        let rounds = Robustness.count(short: 4)
        let bench = try await DaemonBench()
        let endless = EndlessScan(bench)
        async let scanning: Void = endless.run()
        var random = RandomNumbers(seed: UInt64(rounds), purpose: "kills")
        var ready: [Double] = []
        for round in 0..<rounds {
            // Some die while they start.
            if round % 5 == 3 {
                try bench.launch()
                try await Task.sleep(for: .seconds(Double(random.uniform()) * (ready.max() ?? 1)))
            } else {
                ready.append(try await bench.start())
                try await Task.sleep(for: .seconds(Double(random.uniform())))
            }
            await bench.kill()
            // What earlier kills have left is looked at again after every twentieth and at the end.
            let problems = try SessionValidator.problems(ofCopyOf: bench, latest: round % 20 == 19 ? .max : 3)
            #expect(problems == [], "after kill \(round): \(bench.log)")
            if !problems.isEmpty { break }
        }
        endless.stop()
        ready.append(try await bench.start())
        try await scanning
        #expect(ready.allSatisfy { $0 < 5 }, "\(ready)")
        let validator = SessionValidator(store: bench.store, scan: bench.scanner.scan)
        let sessions = endless.sessions
        let isComplete = try await eventually(within: 300) {
            try sessions.allSatisfy { try validator.shortcomings(session: $0).isEmpty }
        }
        let shortcomings = try sessions.flatMap { try validator.shortcomings(session: $0) }
        #expect(isComplete, "\(shortcomings)\n\(bench.log)")
        #expect(await bench.stop() == 0)
        #expect(try SessionValidator.problems(ofCopyOf: bench) == [])
        let expected = try bench.scanner.scan.expectedTrials(folder: URL(fileURLWithPath: bench.bundle))
        var identical = 0
        for session in sessions {
            #expect(try validator.arePatterns(of: session, equalTo: expected), "\(session)")
            let differences = try validator.differences(session, bundle: bench.bundle)
            #expect(differences == [], "\(session)")
            if differences.isEmpty { identical += 1 }
        }
        Robustness.report(
            "kill -9",
            "\(rounds) kills in \(sessions.count) runs of \(bench.scanner.scan.volumes.count) volumes; ready after "
                + "\(Robustness.summary(ready)) (\(ready.count) starts); "
                + "\(bench.history.acknowledgements.count) acknowledgements kept; \(identical) runs identical"
        )
        await bench.close()
    }
}
