import Decoder
import Foundation
import Live
import Neuroimaging
import Preprocessing
import Sessions
import TestSupport

/// Checks that a store keeps what the daemon promised.
struct SessionValidator {
    let store: SessionStore
    let scan: SmallScan

    /// Looks at a copy of a store as it is now, so that the daemon finds it as it was left.
    ///
    /// - Parameter latest: How many sessions are looked into, the latest ones; all by default.
    static func problems(ofCopyOf bench: DaemonBench, latest: Int = .max) throws -> [String] {
        guard FileManager.default.fileExists(atPath: bench.store.logPath) else {
            return bench.history.acknowledgements.isEmpty ? [] : ["there is no log"]
        }
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: bench.state, toPath: folder.path("state"))
        let copy = SessionStore(folder: URL(fileURLWithPath: folder.path("state")))
        return try SessionValidator(store: copy, scan: bench.scanner.scan).problems(bench.history, latest: latest)
    }

    /// What is wrong; empty if all is well.
    func problems(_ history: History, latest: Int = .max) throws -> [String] {
        let log: SessionLog
        do {
            log = try store.readLog()
        } catch {
            // Killed before the tables were made.
            guard error.code == .inconsistent, history.acknowledgements.isEmpty else { throw error }
            return []
        }
        var problems = try log.integrityProblems()
        let sessions = try log.sessions().suffix(latest)
        for session in sessions {
            for run in try log.runs(ofSession: session.id ?? 0) {
                let volumes = try log.volumes(ofRun: run.id ?? 0)
                let name = "\(session.name)/\(run.name): "
                var found = recordingProblems(session.name, run.name, volumes)
                found += processingProblems(volumes)
                found += try outputProblems(session.name, run.name, log.trials(ofRun: run.id ?? 0), history)
                problems += found.map { name + $0 }
            }
        }
        let names = Set(sessions.map(\.name))
        // Of a session that is not there everything is missing.
        let isWhole = latest == .max
        return try problems
            + brokenPromises(log, history.acknowledgements.filter { isWhole || names.contains($0.session) })
    }

    /// Recordings open, are sound, and hold what the log says.
    private func recordingProblems(_ session: String, _ run: String, _ volumes: [VolumeRecord]) -> [String] {
        var problems: [String] = []
        var held: [String: [RecordedVolume]] = [:]
        for url in store.recordings(session: session, run: run) {
            do {
                let reader = try RecordingReader(url: url)
                held[url.lastPathComponent] = try (0..<reader.count).map { try reader.volume($0) }
            } catch {
                problems.append("\(error)")
            }
        }
        for volume in volumes {
            guard let file = volume.recording, let place = volume.place else { continue }
            guard let recorded = held[file], recorded.indices.contains(place) else {
                problems.append("volume \(volume.index) is not in \(file) at \(place)")
                continue
            }
            let found = recorded[place]
            let isRight = found.index == volume.index && found.volume.checksum == volume.checksum
            if !isRight { problems.append("\(file) holds another volume than \(volume.index) at \(place)") }
            if scan.volumes.indices.contains(volume.index), found.volume.bytes != scan.volumes[volume.index].bytes {
                problems.append("volume \(volume.index) is not what the scanner sent")
            }
        }
        return problems
    }

    /// No volume is processed twice, and they are processed in order.
    private func processingProblems(_ volumes: [VolumeRecord]) -> [String] {
        let processed = volumes.filter { $0.status == .processed }.map(\.index)
        let isIncreasing = zip(processed, processed.dropFirst()).allSatisfy { $0 < $1 }
        let arrivals = volumes.map(\.arrival)
        return (isIncreasing ? [] : ["processed \(processed)"])
            + (arrivals == Array(0..<volumes.count) ? [] : ["arrivals are \(arrivals)"])
    }

    /// What is stored is what was published.
    private func outputProblems(
        _ session: String,
        _ run: String,
        _ trials: [TrialRecord],
        _ history: History
    ) -> [String] {
        history.patterns.filter { $0.stamp.session == session && $0.stamp.run == run }.compactMap { published in
            let stored = trials.first { $0.trial == published.body.trial && $0.delay == published.body.delay }
            // What was published and not yet stored when the daemon was killed is made again.
            guard let stored else { return nil }
            let isSame = stored.pattern.withUnsafeBytes { $0.elementsEqual(published.values) }
            return isSame ? nil : "trial \(stored.trial) is stored with another pattern than was published"
        }
    }

    /// What was acknowledged is there.
    private func brokenPromises(_ log: SessionLog, _ acknowledgements: [Acknowledgement]) throws -> [String] {
        var problems: [String] = []
        for promise in Set(acknowledgements) {
            let name = "\(promise.session)/\(promise.run): "
            guard let session = try log.session(named: promise.session),
                let run = try log.run(named: promise.run, ofSession: session.id ?? 0)
            else {
                problems.append(name + "was acknowledged, but is not there")
                continue
            }
            let volumes = try log.volumes(ofRun: run.id ?? 0)
            let safe = volumes.filter { $0.place != nil }
            if safe.count < promise.arrivals {
                problems.append(name + "\(promise.arrivals) volumes were acknowledged, \(safe.count) are there")
            }
            let known = Set(safe.map(\.index)).union(volumes.filter { $0.status == .missing }.map(\.index))
            let lost = (0...promise.index).filter { !known.contains($0) }
            if !lost.isEmpty { problems.append(name + "acknowledged up to \(promise.index), without \(lost)") }
        }
        return problems
    }

    // MARK: - Whole runs

    /// What a run that has ended lacks, when everything that the scanner sent came through.
    func shortcomings(session name: String, run: String = "r1", reason: String = "finished") throws -> [String] {
        let log = try store.readLog()
        guard let session = try log.session(named: name) else { return ["\(name) is not there"] }
        let runs = try log.runs(ofSession: session.id ?? 0)
        guard runs.count == 1, let stored = runs.first, let id = stored.id, stored.name == run else {
            return ["\(name) has the runs \(runs.map(\.name))"]
        }
        var problems: [String] = []
        if stored.state != .ended || stored.endReason != reason {
            problems.append("\(name) is \(stored.state): \(stored.endReason ?? "-")")
        }
        let processed = try log.volumes(ofRun: id).filter { $0.status == .processed }.map(\.index)
        if processed != Array(scan.volumes.indices) { problems.append("\(name) processed \(processed)") }
        let images = try log.reconstructions(ofRun: id).map(\.trial).sorted()
        if images != Array(scan.events.indices) { problems.append("\(name) has images of \(images)") }
        return problems
    }

    /// The volumes of a session's runs that are in no recording.
    func unrecorded(session name: String) throws -> [String] {
        let log = try store.readLog()
        guard let id = try log.session(named: name)?.id else { return ["\(name) is not there"] }
        return try log.runs(ofSession: id).flatMap { try log.volumes(ofRun: $0.id ?? 0) }
            .filter { $0.place == nil }.map { "volume \($0.index) is not recorded" }
    }

    /// Whether the patterns of a run are those of the batch of calls that `percept preprocess` makes.
    func arePatterns(of session: String, equalTo expected: [TrialPattern]) throws -> Bool {
        let log = try store.readLog()
        guard let id = try log.session(named: session)?.id, let run = try log.runs(ofSession: id).first?.id else {
            return false
        }
        let stored = try log.trials(ofRun: run).sorted { ($0.trial, $0.readout) < ($1.trial, $1.readout) }
        let sorted = expected.sorted { ($0.trial, $0.delay) < ($1.trial, $1.delay) }
        return stored.map { $0.pattern.map(\.bitPattern) } == sorted.map { $0.pattern.map(\.bitPattern) }
    }

    /// What processing a session again gives that is not what is stored.
    func differences(_ session: String, bundle: String) throws -> [SessionVerifier.Report.Difference] {
        let bundle = URL(fileURLWithPath: bundle)
        return try SessionVerifier(
            store: store,
            model: try ProcessingModel(PreprocessingFolder(bundle)),
            bundle: try DecoderBundle(opening: bundle),
            threads: 2
        ).verify(session).differences
    }
}
