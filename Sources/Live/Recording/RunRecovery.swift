import Foundation
import Neuroimaging
import Preprocessing
import Sessions

/// Finds what an earlier start left unfinished, and continues it or closes it.
struct RunRecovery {
    let store: SessionStore
    let log: SessionLog
    /// What runs are processed with now: a run of another model cannot go on.
    let model: ProcessingModel

    /// How long after its last volume a run is no longer continued, in s.
    private static let longestInterruption = 600.0
    /// How long after a run's end images of it are still made, in s: as long as a visit to the scanner.
    private static let longestRest = 3_600.0

    /// Brings a lane and a recorder to where they were.
    ///
    /// - Returns: Where the stream was left; nil if no run goes on.
    func recover(_ lane: VolumeLane, _ recorder: SessionRecorder) async throws -> StreamPosition? {
        var position: (run: Int64, position: StreamPosition)?
        let left = try Self.runLeft(log)
        for session in try log.sessions() {
            guard let id = session.id else { continue }
            let runs = try log.runs(ofSession: id)
            await lane.adopt(
                ended: runs.filter { $0.state != .running }.map { RunKey(session: session.name, run: $0.name) }
            )
            let latest = try statistics(log.latestStatistics(ofSession: id))
            if let latest { await lane.adopt(latest, of: session.name) }
            for run in runs {
                guard run.state == .running || run.id == left?.run.id else {
                    try await decodeRest(of: run, session, lane, recorder)
                    // The publisher may have the run's messages still: they are not asked for.
                    if run.state == .ended, let last = try log.lastPosition(ofRun: run.id ?? 0),
                        run.id ?? 0 > position?.run ?? 0
                    {
                        position = (run.id ?? 0, last)
                    }
                    continue
                }
                do {
                    let reason = run.id == left?.run.id ? try reasonNotToContinue(run) : "another run began"
                    if let reason {
                        try await close(run, reason, lane, session)
                    } else if let last = try await resume(run, session, latest, lane, recorder) {
                        position = (run.id ?? 0, last)
                    }
                } catch {
                    await lane.note(SourceFault(.corrupt, "run \(run.name)", "cannot be continued: \(error)"))
                    await lane.abandon()
                    var open = run
                    open.state = .running
                    try await close(open, "cannot be continued: \(error)", lane, session)
                }
            }
        }
        return position?.position
    }

    /// The run that an earlier start left before its end, and its session: the last one, unless it has ended or was
    /// closed for good.
    private static func runLeft(_ log: SessionLog) throws -> (run: RunRecord, session: SessionRecord)? {
        guard let last = try log.lastRun() else { return nil }
        let wasStopped = last.run.state == .interrupted && StopReason(rawValue: last.run.endReason ?? "") != nil
        return last.run.state == .running || wasStopped ? last : nil
    }

    /// The session whose last run an earlier start left a short time ago; nil if there is none.
    static func sessionLeft(_ log: SessionLog) throws -> String? {
        guard let left = try runLeft(log), try isRecent(left.run, log) else { return nil }
        return left.session.name
    }

    private static func isRecent(_ run: RunRecord, _ log: SessionLog) throws -> Bool {
        // Of a run that had hardly begun there may be no volume yet; they all come again.
        let last = try log.lastVolume(ofRun: run.id ?? 0)?.receivedAt ?? run.startedAt
        return abs(Date().timeIntervalSince1970 - last) <= longestInterruption
    }

    private func reasonNotToContinue(_ run: RunRecord) throws -> String? {
        let processing = try RunProcessing(decoding: run.processing)
        let now = model.configuration(repetitionTime: run.repetitionTime, plannedVolumes: run.plannedVolumes)
        guard processing == RunProcessing(configuration: now, model: model) else {
            return "mask, reference or settings changed"
        }
        return try Self.isRecent(run, log) ? nil : "its last volume came long ago"
    }

    private func close(_ run: RunRecord, _ reason: String, _ lane: VolumeLane, _ session: SessionRecord)
        async throws
    {
        await lane.adopt(ended: [RunKey(session: session.name, run: run.name)])
        // One that was stopped is closed already.
        guard run.state == .running else { return }
        var closed = run
        (closed.state, closed.endReason) = (.interrupted, reason)
        closed.endedAt = try log.lastVolume(ofRun: run.id ?? 0)?.receivedAt
        try log.update(closed)
    }

    private func resume(
        _ run: RunRecord,
        _ session: SessionRecord,
        _ earlier: [VoxelStatistics]?,
        _ lane: VolumeLane,
        _ recorder: SessionRecorder
    ) async throws -> StreamPosition? {
        let id = run.id ?? 0
        var run = run
        (run.state, run.endedAt, run.endReason) = (.running, nil, nil)
        try log.update(run)
        let recorded = try RecordedRun(run, session: session.name, store: store, log: log)
        let states = try log.checkpoints(ofRun: id).compactMap { record -> (nextVolume: Int, state: [UInt8])? in
            let url = store.checkpoint(record.file, ofSession: session.name)
            // A damaged state is passed over: the one before, or the start of the run, serves as well.
            guard let state = try? CheckpointFile.read(url, sha256: record.sha256) else { return nil }
            return (record.nextVolume, state)
        }
        let stored = try log.storedOutputs(ofRun: id)
        await recorder.adopt(recorded.key, run, try log.volumes(ofRun: id))
        try await lane.resume(recorded, states: states, stored: stored, earlier: earlier)
        try await decodeRest(of: recorded.key, id, stored, lane)
        return try log.lastPosition(ofRun: id)
    }

    /// Hands over the trials without image of a run that ended just before the daemon did.
    private func decodeRest(
        of run: RunRecord,
        _ session: SessionRecord,
        _ lane: VolumeLane,
        _ recorder: SessionRecorder
    ) async throws {
        guard let id = run.id, let end = run.endedAt,
            abs(Date().timeIntervalSince1970 - end) <= Self.longestRest
        else { return }
        let key = RunKey(session: session.name, run: run.name)
        await recorder.adopt(key, run, [])
        try await decodeRest(of: key, id, try log.storedOutputs(ofRun: id), lane)
    }

    private func decodeRest(
        of key: RunKey,
        _ id: Int64,
        _ stored: StoredOutputs,
        _ lane: VolumeLane
    ) async throws {
        let undecoded = try log.trials(ofRun: id).filter { trial in
            !stored.reconstructions.contains(.init(trial: trial.trial, readout: trial.readout, sample: 0))
        }
        let events = try log.events(ofRun: id)
        await lane.decodeAgain(undecoded, events: events, session: key.session, run: key.run)
    }

    private func statistics(_ records: [StatisticsRecord]) -> [VoxelStatistics]? {
        records.isEmpty ? nil : records.map { VoxelStatistics(means: $0.means, deviations: $0.deviations) }
    }
}
