import Foundation
import Neuroimaging
import Preprocessing
import Sessions
import WireFormat

/// Turns the results of the volume lane into messages for subscribers and records for the session.
struct ResultPublisher: Sendable {
    let context: LaneContext

    init(_ context: LaneContext) { self.context = context }

    /// The stages of a volume in ms.
    func stages(_ volume: ProcessedVolume) -> [String: Double] {
        let timings = volume.timings
        return [
            "interpolation": timings.interpolation, "realignment": timings.realignment, "sampling": timings.sampling,
            "quality": timings.quality, "regression": timings.regression, "trials": timings.trials,
        ].mapValues { $0 / .milliseconds(1) }
    }

    // MARK: - Messages

    /// Publishes motion and quality; adds the time since the last byte arrived to the stages.
    func publish(
        _ volume: ProcessedVolume,
        arrival: ContinuousClock.Instant,
        stages: inout [String: Double],
        run: RunKey
    ) {
        let (motion, quality) = (volume.motion, volume.quality)
        send(
            MotionBody(
                index: volume.number,
                translation: Self.numbers(motion.motion.translation),
                rotation: Self.numbers(motion.motion.rotation),
                framewiseDisplacement: quality.framewiseDisplacement,
                verdict: motion.verdict.rawValue,
                correlation: motion.correlation.isFinite ? motion.correlation : 0,
                iterations: motion.iterations
            ),
            .motion,
            run
        )
        stages["volume"] = (ContinuousClock.now - arrival) / .milliseconds(1)
        send(
            QualityBody(
                index: volume.number,
                framewiseDisplacement: quality.framewiseDisplacement,
                dvars: quality.dvars.flatMap { $0.isFinite ? $0 : nil },
                temporalSignalToNoise: quality.temporalSignalToNoise.flatMap { $0.isFinite ? $0 : nil },
                spikes: quality.spikes,
                voxelsOutside: quality.voxelsOutside,
                missingBefore: quality.missingBefore,
                isUsable: quality.isUsable,
                flags: quality.flags.map(\.rawValue).sorted(),
                latencies: stages
            ),
            .quality,
            run
        )
        context.monitor.latencies.add(stages)
    }

    /// Publishes and keeps an estimate; `arrival` is when the last byte of its volume came.
    func publish(
        _ readout: LiveRun.Readout,
        arrival: ContinuousClock.Instant?,
        stages: [String: Double],
        run: RunKey
    ) {
        let pattern = readout.pattern
        var stages = stages
        if let arrival { stages["pattern"] = (ContinuousClock.now - arrival) / .milliseconds(1) }
        send(
            PatternBody(
                trial: pattern.trial,
                onset: pattern.event?.onset,
                duration: pattern.event?.duration,
                trialType: pattern.event?.trialType,
                stimulusFile: pattern.event?.stimulusFile,
                delay: pattern.delay,
                isFinal: pattern.isFinal,
                lastVolume: pattern.lastVolume,
                voxels: pattern.pattern.count,
                standardized: pattern.standardized != nil,
                standardizedBy: pattern.standardizedBy,
                repeats: pattern.repeats,
                doubts: pattern.doubts,
                bundle: context.provenance.bundle,
                configuration: context.provenance.configuration,
                latencies: stages
            ),
            .pattern,
            run,
            [pattern.pattern.withUnsafeBytes { Array($0) }]
        )
        // Until the message is handed over, the pattern is not published.
        if let arrival {
            stages["pattern"] = (ContinuousClock.now - arrival) / .milliseconds(1)
            context.monitor.latencies.add(stages["pattern"] ?? 0, to: "pattern")
        }
        keep(readout, stages: stages, run: run)
    }

    /// Tells subscribers that a run is over.
    func publishEnd(_ run: LiveRun, reason: String) {
        send(RunBody(phase: .end, task: run.description.task, reason: reason), .run, run.key)
    }

    private func send(_ body: some MessageBody, _ topic: Topic, _ run: RunKey, _ payload: [[UInt8]] = []) {
        context.publication.publish(body, topic: topic, session: run.session, run: run.run, payload: payload)
    }

    private static func numbers(_ vector: SIMD3<Double>) -> [Double] {
        [vector.x, vector.y, vector.z].map { $0.isFinite ? $0 : 0 }
    }

    // MARK: - Records

    /// The record of a run that begins.
    func record(of run: LiveRun, grid: VoxelGrid?) throws -> RunRecord {
        let processing = RunProcessing(configuration: run.configuration, model: context.model)
        return RunRecord(
            sessionID: 0,
            name: run.key.run,
            task: run.description.task ?? context.settings.session.task,
            startedAt: run.description.startedAt ?? Date().timeIntervalSince1970,
            repetitionTime: run.configuration.repetitionTime,
            plannedVolumes: run.configuration.plannedVolumes,
            grid: grid,
            processing: try processing.encoded()
        )
    }

    /// Keeps a volume that was not processed.
    func keep(_ volume: IncomingVolume, as status: VolumeRecord.Status, run: RunKey) {
        // A duplicate's voxels are there already, and a refused volume may have another grid than the recording.
        let isKept = status != .duplicate && status != .refused && context.settings.recording.volumes
        let voxels = isKept ? volume.volume : nil
        context.recorder.offer(.volume(run, record(volume, status), voxels))
    }

    /// Keeps a volume and what became of it.
    func keep(_ volume: IncomingVolume, _ processed: ProcessedVolume, stages: [String: Double], run: RunKey) {
        var record = record(volume, .processed)
        record.motion = processed.motion.motion.parameters
        record.verdict = processed.motion.verdict.rawValue
        record.framewiseDisplacement = processed.quality.framewiseDisplacement
        record.dvars = processed.quality.dvars
        record.temporalSignalToNoise = processed.quality.temporalSignalToNoise
        record.flags = processed.quality.flags.map(\.rawValue).sorted()
        record.latencies = stages
        context.recorder.offer(.volume(run, record, context.settings.recording.volumes ? volume.volume : nil))
    }

    /// Notes volumes of which nothing is left: they never came, or were dropped before their run began.
    func keep(_ indices: some Collection<Int>, as status: VolumeRecord.Status, at time: Double, run: RunKey) {
        for index in indices {
            let record = VolumeRecord(runID: 0, arrival: 0, index: index, status: status, receivedAt: time)
            context.recorder.offer(.volume(run, record, nil))
        }
    }

    private func record(_ volume: IncomingVolume, _ status: VolumeRecord.Status) -> VolumeRecord {
        var record = VolumeRecord(
            runID: 0,
            arrival: 0,
            index: volume.index,
            status: status,
            receivedAt: volume.arrival.time
        )
        record.acquiredAt = volume.acquiredAt
        record.position = volume.position
        return record
    }

    private func keep(_ readout: LiveRun.Readout, stages: [String: Double], run: RunKey) {
        let pattern = readout.pattern
        var record = TrialRecord(
            runID: 0,
            trial: pattern.trial,
            readout: readout.number,
            delay: pattern.delay,
            isFinal: pattern.isFinal,
            lastVolume: pattern.lastVolume,
            isStandardized: pattern.standardized != nil,
            standardizedBy: pattern.standardizedBy,
            repeats: pattern.repeats,
            doubts: pattern.doubts,
            pattern: pattern.pattern,
            response: pattern.response
        )
        record.publishedAt = Date().timeIntervalSince1970
        record.latencies = stages
        context.recorder.offer(.trial(run, record))
    }
}
