import Foundation
import Preprocessing
import TestSupport
import Testing

/// One file operation of a short run that fails.
struct FailingCall: CustomStringConvertible {
    let kind: Failpoints.Kind
    let number: Int
    let error: Int32

    var description: String { "\(kind) \(number), \(String(cString: strerror(error)))" }

    /// The errors that a kind of call fails with.
    static func errors(_ kind: Failpoints.Kind) -> [Int32] {
        kind == .open ? [EMFILE, ENOSPC, EIO] : [EIO, ENOSPC]
    }
}

extension DaemonTests {
    /// What became of a run in which a call failed.
    private struct Outcome {
        var failures = 0
        var problems: [String] = []
        var calls: [Failpoints.Kind: Int] = [:]
        /// Whether a recording or a kept state suffered.
        var hasFileFault = false
        /// Whether the daemon ended, by itself and with a reason, instead of a run.
        var refusedToStart = false
    }

    @Test("loses nothing silently when any write, sync, rename, open or truncation fails")
    func failpoints() async throws {
        let whole = try await run(nil)
        #expect(whole.problems == [])
        let counts = Failpoints.Kind.allCases.map { (kind: $0, count: whole.calls[$0] ?? 0) }
        // The recording, the log and the kept states: all of them go through the library that fails.
        #expect(counts.allSatisfy { $0.count > 0 || $0.kind == .truncate }, "\(counts)")
        var cases: [FailingCall] = []
        for (kind, count) in counts where count > 0 {
            let isLong = Robustness.repetitions != nil
            let numbers =
                isLong ? Array(0..<count) : kind == .write || kind == .sync ? [count / 3, count * 3 / 4] : [count / 2]
            let errors = FailingCall.errors(kind)
            cases += numbers.map { FailingCall(kind: kind, number: $0, error: errors[$0 % errors.count]) }
        }
        var (met, files, refused, bad) = (0, 0, 0, 0)
        for failing in cases {
            let outcome = try await run(failing)
            #expect(outcome.problems == [], "\(failing)")
            met += outcome.failures > 0 ? 1 : 0
            files += outcome.hasFileFault ? 1 : 0
            refused += outcome.refusedToStart ? 1 : 0
            bad += outcome.problems.isEmpty ? 0 : 1
        }
        let calls = counts.map { "\($0.count) \($0.kind)" }.joined(separator: ", ")
        Robustness.report(
            "failpoints",
            "\(calls) calls in a run; \(cases.count) failed one each, \(met) met, "
                + "\(files) told as faults of recordings or states, \(refused) refused to start, \(bad) bad"
        )
    }

    /// Runs a short run from start to stop, with one call that fails.
    private func run(_ failing: FailingCall?) async throws -> Outcome {
        let bench = try await DaemonBench()
        let points = try Failpoints(file: bench.folder.path("failpoints"), under: bench.state)
        bench.environment = try #require(points.environment)
        if let failing { points.fail(failing.kind, from: failing.number, with: failing.error) }
        var outcome = Outcome()
        try bench.launch()
        _ = await eventually { bench.history.status != nil || bench.daemon?.process.isRunning == false }
        if bench.daemon?.process.isRunning == false {
            outcome.problems = complaint(bench)
            outcome.refusedToStart = true
        } else {
            try await finish(bench, &outcome)
        }
        outcome.failures = points.failures
        for kind in Failpoints.Kind.allCases { outcome.calls[kind] = points.calls(kind) }
        let isVisible = ["warning", "error", "critical", "perceptd:"].contains { bench.log.contains("\($0) ") }
        // What libraries make good needs no word, as long as nothing is missing.
        if outcome.failures > 0, !isVisible {
            let validator = SessionValidator(store: bench.store, scan: bench.scanner.scan)
            let missing = try validator.shortcomings(session: "s1") + validator.unrecorded(session: "s1")
            outcome.problems += missing.map { "silently, \($0)" }
        }
        await bench.close()
        return outcome
    }

    /// A daemon that does not start says why in one line, with a status of its own.
    private func complaint(_ bench: DaemonBench) -> [String] {
        let process = bench.daemon?.process
        let lines = bench.log.split(separator: "\n").filter { $0.hasPrefix("perceptd: ") }
        let isTyped = process?.terminationReason == .exit && (64..<79).contains(process?.terminationStatus ?? 0)
        return isTyped && lines.count == 1 && process?.terminationStatus != 70
            ? [] : ["ended with \(process?.terminationStatus ?? -1): \(bench.log)"]
    }

    private func finish(_ bench: DaemonBench, _ outcome: inout Outcome) async throws {
        let scan = bench.scanner.scan
        try bench.scanner.begin()
        try bench.scanner.send(0..<scan.volumes.count)
        try bench.scanner.end()
        let expected = try scan.expectedTrials(folder: URL(fileURLWithPath: bench.bundle))
        let isDone = await eventually(within: 60) {
            bench.history.images.count >= scan.events.count && bench.history.patterns.count >= expected.count
                || bench.daemon?.process.isRunning == false
        }
        if !isDone { outcome.problems.append("did not decode everything: \(bench.log)") }
        let status = await bench.stop()
        if status != 0 { outcome.problems.append("ended with \(status ?? -1): \(bench.log)") }
        let published = bench.history.patterns.map(\.values)
        let truth = expected.map { $0.pattern.withUnsafeBytes { Array($0) } }
        if Set(published) != Set(truth) || published.count != truth.count {
            outcome.problems.append("published other patterns")
        }
        outcome.problems += try SessionValidator.problems(ofCopyOf: bench)
        let told = Self.fileFaults(bench)
        outcome.hasFileFault = !told.isEmpty
        // A log that cannot be written stores nothing.
        guard !told.isEmpty, !bench.log.contains("subject=\"session log\"") else { return }
        let stored = Set(try bench.store.readLog().faults(ofSession: nil).map(\.subject))
        outcome.problems += told.filter { !stored.contains($0) }.map { "the fault of the \($0) is not stored" }
    }

    /// What the daemon's log says of files that failed, other than the session log.
    private static func fileFaults(_ bench: DaemonBench) -> [String] {
        ["recording", "recording of s1/r1", "state of s1/r1"].filter { subject in
            let word = subject.contains(" ") ? "\"\(subject)\"" : subject
            return bench.log.split(separator: "\n").contains { $0.hasSuffix("subject=\(word)") }
        }
    }
}
