import Foundation
import Sessions
import TestSupport
import Testing

extension DaemonTests {
    /// What a session's log says, without wall times and what was measured.
    private func description(_ bench: DaemonBench) throws -> [String] {
        let log = try bench.store.readLog()
        let session = try #require(try log.session(named: "s1"))
        let run = try #require(try log.runs(ofSession: session.id ?? 0).first)
        let id = run.id ?? 0
        var lines = ["\(run.name) \(run.state) \(run.endReason ?? "-") \(run.processing)"]
        lines += try log.volumes(ofRun: id).map { volume in
            "\(volume.arrival) \(volume.index) \(volume.status) \(volume.checksum ?? 0) \(volume.motion ?? []) "
                + "\(volume.framewiseDisplacement ?? 0) \(volume.dvars ?? 0) \(volume.temporalSignalToNoise ?? 0) "
                + "\(volume.verdict ?? "-") \(volume.flags) \(volume.place ?? -1)"
        }
        lines += try log.events(ofRun: id).map { "\($0.event) \($0.beforeVolume) \($0.onsetRule)" }
        lines += try log.trials(ofRun: id).map { trial in
            "\(trial.trial) \(trial.readout) \(trial.lastVolume) \(trial.pattern.map(\.bitPattern)) "
                + "\(trial.response.map(\.bitPattern)) \(trial.doubts)"
        }
        lines += try log.reconstructions(ofRun: id).sorted { $0.trial < $1.trial }.map { image in
            "\(image.trial) \(image.sample) \(image.png.base64EncodedString()) \(image.seed) \(image.steps)"
        }
        return lines
    }

    @Test("given the same run again, it publishes the same bytes and keeps the same log, but for times")
    func determinism() async throws {
        var descriptions: [[String]] = []
        let repetitions = 3
        for _ in 0..<repetitions {
            let bench = try await DaemonBench()
            try await bench.startHeard()
            try bench.scanner.begin()
            try bench.scanner.send(0..<bench.scanner.scan.volumes.count)
            try bench.scanner.end()
            let trials = bench.scanner.scan.events.count
            try #require(await eventually { bench.history.images.count == trials }, "\(bench.log)")
            #expect(await bench.stop() == 0)
            descriptions.append(try description(bench))
            await bench.close()
        }
        #expect(descriptions.allSatisfy { $0 == descriptions[0] })
        #expect(descriptions[0].count > volumeCount)
        Robustness.report("determinism", "\(repetitions) times the same \(descriptions[0].count) rows and images")
    }

    /// The volumes of a run: a description has more lines.
    private var volumeCount: Int { (try? DaemonBench.scan.get().volumes.count) ?? 0 }
}
