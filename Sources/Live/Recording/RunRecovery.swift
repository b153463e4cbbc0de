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

    /// Brings a lane and a recorder to where they were.
    ///
    /// - Returns: Where the stream was left; nil if no run goes on.
    func recover(_ lane: VolumeLane, _ recorder: SessionRecorder) async throws -> StreamPosition? {
        var position: StreamPosition?
        for session in try log.sessions() {
            guard let id = session.id else { continue }
            let runs = try log.runs(ofSession: id)
            await lane.adopt(
                ended: runs.filter { $0.state != .running }.map { RunKey(session: session.name, run: $0.name) }
            )
            let latest = try statistics(log.latestStatistics(ofSession: id))
            if let latest { await lane.adopt(latest, of: session.name) }
            for run in runs where run.state == .running {
                do {
                    let reason = try reasonNotToContinue(run)
                    if reason == nil, run.id == runs.last?.id {
                        position = try await resume(run, session, latest, lane, recorder) ?? position
                        continue
                    }
                    try close(run, reason ?? "another run began", lane, session)
                } catch {
                    await lane.note(SourceFault(.corrupt, "run \(run.name)", "cannot be continued: \(error)"))
                    await lane.abandon()
                    try close(run, "cannot be continued: \(error)", lane, session)
                }
            }
        }
        return position
    }

    private func reasonNotToContinue(_ run: RunRecord) throws -> String? {
        let processing = try RunProcessing(decoding: run.processing)
        let now = model.configuration(repetitionTime: run.repetitionTime, plannedVolumes: run.plannedVolumes)
        guard processing == RunProcessing(configuration: now, model: model.digest) else {
            return "mask, reference or settings changed"
        }
        guard let last = try log.lastVolume(ofRun: run.id ?? 0) else { return "no volume was kept" }
        let age = Date().timeIntervalSince1970 - last.receivedAt
        return abs(age) > Self.longestInterruption ? "its last volume came long ago" : nil
    }

    private func close(_ run: RunRecord, _ reason: String, _ lane: VolumeLane, _ session: SessionRecord) throws {
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
        let recorded = try RecordedRun(run, session: session.name, store: store, log: log)
        let states = try log.checkpoints(ofRun: id).compactMap { record -> (nextVolume: Int, state: [UInt8])? in
            let url = store.checkpoint(record.file, ofSession: session.name)
            // A damaged state is passed over: the one before, or the start of the run, serves as well.
            guard let state = try? CheckpointFile.read(url, sha256: record.sha256) else { return nil }
            return (record.nextVolume, state)
        }
        let stored = try log.storedOutputs(ofRun: id)
        let arrivals = try log.lastVolume(ofRun: id).map { $0.arrival + 1 } ?? 0
        await recorder.adopt(recorded.key, run, arrivals: arrivals)
        try await lane.resume(recorded, states: states, stored: stored, earlier: earlier)
        let undecoded = try log.trials(ofRun: id).filter { trial in
            !stored.reconstructions.contains(.init(trial: trial.trial, readout: trial.readout, sample: 0))
        }
        let events = try log.events(ofRun: id)
        await lane.decodeAgain(undecoded, events: events, session: recorded.key.session, run: recorded.key.run)
        return try log.lastPosition(ofRun: id)
    }

    private func statistics(_ records: [StatisticsRecord]) -> [VoxelStatistics]? {
        records.isEmpty ? nil : records.map { VoxelStatistics(means: $0.means, deviations: $0.deviations) }
    }
}
