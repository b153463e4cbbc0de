import Foundation
import Neuroimaging
import Preprocessing
import Sessions

extension VolumeLane {
    /// Goes on with a run that an earlier start left.
    ///
    /// It begins with a kept state where one is sound, and processes again what was recorded after it. What was published
    /// before is not published again.
    ///
    /// - Parameters:
    ///   - recorded: The run.
    ///   - states: Kept states, newest first.
    ///   - stored: What the log has of the run's results.
    ///   - earlier: The statistics that the session's last run left; nil if this is the first.
    /// - Throws: What makes the run impossible to continue.
    func resume(
        _ recorded: RecordedRun,
        states: [(nextVolume: Int, state: [UInt8])],
        stored: StoredOutputs,
        earlier: [VoxelStatistics]?
    ) throws {
        statistics[recorded.key.session] = earlier
        let source = RunNames.source(of: recorded.key).key
        var description = RunDescription(session: source.session, run: source.run)
        description.task = recorded.run.task
        description.repetitionTime = recorded.run.repetitionTime
        description.plannedVolumes = recorded.run.plannedVolumes
        description.startedAt = recorded.run.startedAt
        var first: Int?
        var restored = try makeRun(recorded.key, description)
        for (nextVolume, state) in states {
            do {
                try restored.restore(state)
                first = nextVolume
                break
            } catch {
                note(SourceFault(.corrupt, "kept state of \(recorded.key)", "cannot be used: \(error)"))
            }
        }
        adopt(restored)
        try recorded.replay(from: first) { step in
            switch step {
            case .event(let event): _ = try run?.present(event.event)
            case .volume(let record, let voxels):
                guard let (_, readouts) = try run?.process(voxels, index: record.index) else { return }
                let new = readouts.filter { readout in
                    !stored.trials.contains(.init(trial: readout.pattern.trial, readout: readout.number, sample: nil))
                }
                publishTrials(new, arrival: nil, stages: [:])
            case .unrecorded(let record, let reason):
                note(SourceFault(.lost, "volume \(record.index)", "was processed but cannot be had again: \(reason)"))
            }
        }
        run?.resume()
        context.log.notice(
            "run goes on",
            metadata: ["run": "\(recorded.key)", "nextVolume": "\(run?.nextVolume ?? 0)", "state": "\(first ?? 0)"]
        )
    }

    /// Hands trials over that were estimated but not decoded before the daemon was interrupted.
    func decodeAgain(_ trials: [TrialRecord], events: [EventRecord], session: String, run: String) {
        guard context.settings.decoding.enabled else { return }
        for record in trials {
            let now = ContinuousClock.now
            let pattern = TrialPattern(
                trial: record.trial,
                event: events.first { $0.trial == record.trial }?.event,
                delay: record.delay,
                isFinal: record.isFinal,
                lastVolume: record.lastVolume,
                response: record.response,
                standardError: nil,
                standardized: record.isStandardized ? record.pattern : nil,
                standardizedBy: record.standardizedBy,
                repeats: record.repeats,
                doubts: record.doubts
            )
            guard isDecoded(pattern) else { continue }
            context.trials.offerLeft(
                WaitingTrial(
                    session: session,
                    run: run,
                    trial: record.trial,
                    readyAt: now,
                    deadline: now + .seconds(context.settings.decoding.deadline ?? 10),
                    readout: record.readout,
                    pattern: pattern
                )
            )
        }
    }
}
