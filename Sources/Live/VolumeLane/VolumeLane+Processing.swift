import Foundation
import Neuroimaging
import Preprocessing
import Sessions

extension VolumeLane {
    /// Does what the order of volumes says.
    func carry(out outcome: VolumeSequencer.Outcome) {
        for missing in outcome.missing {
            context.monitor.count { $0.missing += missing.count }
            if let key = run?.key { publisher.keep(missing, as: .missing, at: now, run: key) }
            let name =
                missing.count == 1
                ? "volume \(missing.lowerBound)" : "volumes \(missing.lowerBound) to \(missing.upperBound - 1)"
            note(SourceFault(.lost, name, "did not come in time; the run goes on without"))
        }
        for (volume, verdict) in outcome.rejected { reject(volume, verdict) }
        for volume in outcome.ready { process(volume) }
    }

    private func reject(_ volume: IncomingVolume, _ verdict: VolumeSequencer.Verdict) {
        guard let key = run?.key else { return }
        switch verdict {
        case .processed: break
        case .duplicate:
            context.monitor.count { $0.duplicate += 1 }
            publisher.keep(volume, as: .duplicate, run: key)
        case .late:
            context.monitor.count { $0.late += 1 }
            publisher.keep(volume, as: .late, run: key)
        case .refused:
            refuse(volume, "lies \(volume.index - (run?.nextVolume ?? 0)) volumes ahead; it cannot be of this run")
        }
    }

    private func process(_ volume: IncomingVolume) {
        let start = ContinuousClock.now
        do {
            guard let (processed, readouts) = try run?.process(volume.volume, index: volume.index), let key = run?.key
            else { return }
            context.monitor.processed(volume.index)
            var stages = publisher.stages(processed)
            stages["queue"] = (start - volume.arrival.instant) / .milliseconds(1)
            publishTrials(readouts, arrival: volume.arrival.instant, stages: stages)
            publisher.publish(processed, arrival: volume.arrival.instant, stages: &stages, run: key)
            publisher.keep(volume, processed, stages: stages, run: key)
            if let interval = checkpointInterval, (volume.index + 1) % interval == 0 { keepState() }
        } catch {
            refuse(volume, error.detail)
        }
    }

    /// The volumes from one kept state to the next; nil if none is kept.
    private var checkpointInterval: Int? {
        let interval = context.settings.recording.checkpointInterval
        return interval > 0 ? interval : nil
    }

    /// Keeps the state of processing, to go on from there after a restart.
    func keepState() {
        guard checkpointInterval != nil, let run else { return }
        do {
            context.recorder.offer(.checkpoint(run.key, nextVolume: run.nextVolume, state: try run.save()))
        } catch {
            note(SourceFault(.unavailable, "state before volume \(run.nextVolume)", "cannot be kept: \(error)"))
        }
    }

    /// Publishes estimates, and hands those that are to be decoded over.
    func publishTrials(_ readouts: [LiveRun.Readout], arrival: ContinuousClock.Instant?, stages: [String: Double]) {
        guard let run else { return }
        for readout in readouts {
            context.monitor.countTrials { $0.patterns += 1 }
            publisher.publish(readout, arrival: arrival, stages: stages, run: run.key)
            guard context.settings.decoding.enabled, isDecoded(readout.pattern) else { continue }
            let now = ContinuousClock.now
            let interval = readout.pattern.event.flatMap { run.interval(after: $0) }
            let waiting = WaitingTrial(
                session: run.key.session,
                run: run.key.run,
                trial: readout.pattern.trial,
                readyAt: now,
                deadline: now + .seconds(context.settings.decoding.deadline ?? interval ?? 10),
                readout: readout.number,
                pattern: readout.pattern
            )
            if let dropped = context.trials.offer(waiting) {
                context.monitor.countTrials { $0.dropped += 1 }
                note(
                    SourceFault(
                        .lost,
                        "trial \(dropped.trial)",
                        "waited too long to be decoded; fresher ones went first"
                    ),
                    of: RunKey(session: dropped.session, run: dropped.run)
                )
            }
        }
    }

    func isDecoded(_ pattern: TrialPattern) -> Bool {
        guard pattern.isFinal || context.settings.decoding.everyReadout else { return false }
        guard let types = context.settings.events.trialTypes, let type = pattern.event?.trialType else { return true }
        return types.contains(type)
    }

    // MARK: - Events

    /// Announces the events whose onsets can be told by now.
    func presentResolved() {
        for (event, seconds, rule) in run?.resolved() ?? [] {
            var stimulus = event.event
            stimulus.onset = seconds
            if case .arrival = event.onset, stimulus.duration == nil {
                stimulus.duration = context.settings.events.duration
            }
            let source: EventRecord.Source = rule == .given ? .stream : .trigger
            present(stimulus, source: source, rule: rule.rawValue, receivedAt: event.arrival.time, event.position)
        }
    }

    /// Announces the events of the run's file, if there is one.
    func presentFile(_ description: RunDescription) {
        guard let pattern = context.settings.events.file else { return }
        let path = pattern.replacingOccurrences(of: "{run}", with: description.run)
            .replacingOccurrences(of: "{task}", with: description.task ?? context.settings.session.task)
        do {
            for event in try EventTable(contentsOf: URL(fileURLWithPath: path)).events {
                present(event, source: .file, rule: AcquisitionClock.Rule.given.rawValue, receivedAt: nil, nil)
            }
        } catch {
            note(SourceFault(.unavailable, path, "the events of the run cannot be read: \(error)"))
        }
    }

    private func present(
        _ event: StimulusEvent,
        source: EventRecord.Source,
        rule: String,
        receivedAt: Double?,
        _ position: StreamPosition?
    ) {
        guard let key = run?.key, let next = run?.nextVolume else { return }
        do {
            let trial = try run?.present(event)
            context.recorder.offer(
                .event(
                    key,
                    EventRecord(
                        runID: 0,
                        trial: trial,
                        event: event,
                        source: source,
                        receivedAt: receivedAt,
                        beforeVolume: next,
                        onsetRule: rule,
                        position: position
                    )
                )
            )
        } catch {
            note(SourceFault(.malformed, "event", error.detail))
        }
    }
}
