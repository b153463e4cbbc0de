import Decoder
import Foundation
import Neuroimaging
import Preprocessing
import Sessions
import Tensors

/// Processes a recorded session again and compares every pattern and image with the stored one, byte by byte.
public struct SessionVerifier {
    /// What was found.
    public struct Report: Sendable, Codable, Equatable {
        /// A result that is not what is stored, or cannot be made again.
        public struct Difference: Sendable, Codable, Equatable {
            /// The run.
            public var run: String
            /// The result.
            public var subject: String
            /// What is different.
            public var detail: String
        }

        /// The session.
        public var session = ""
        /// Runs that were processed again.
        public var runs = 0
        /// Volumes that were processed again.
        public var volumes = 0
        /// Patterns that are identical.
        public var patterns = 0
        /// Images that are identical.
        public var images = 0
        /// What is not.
        public var differences: [Difference] = []

        /// Whether everything is identical.
        public var isIdentical: Bool { differences.isEmpty }

        /// An empty report.
        public init() {}
    }

    private let store: SessionStore
    private let log: SessionLog
    private let model: ProcessingModel
    private let bundle: DecoderBundle?
    private let threads: Int

    /// Opens a store.
    ///
    /// - Parameters:
    ///   - store: Where the session is kept.
    ///   - model: What runs are processed with.
    ///   - bundle: The decoder; nil to compare patterns only.
    ///   - threads: The threads that compute; the results do not depend on them.
    public init(store: SessionStore, model: ProcessingModel, bundle: DecoderBundle?, threads: Int) throws {
        self.store = store
        log = try store.readLog()
        (self.model, self.bundle, self.threads) = (model, bundle, threads)
    }

    /// Compares a session.
    ///
    /// - Parameter progress: Is told after each volume and image how many are done.
    public func verify(_ name: String, progress: (Int) -> Void = { _ in }) throws -> Report {
        guard let session = try log.session(named: name), let id = session.id else {
            throw SessionError(.missing, name, "there is no such session; `percept sessions list` shows them")
        }
        var report = Report()
        report.session = name
        if let bundle, let hash = session.bundleHash, bundle.manifest.weightsHash != hash {
            throw SessionError(
                .inconsistent,
                name,
                "was decoded with another bundle (weights \(hash.prefix(12))); name that one"
            )
        }
        let engine = Engine(threads: threads)
        let decoder = try bundle.map { bundle in
            try Engine.$current.withValue(engine) { try TrialDecoder(bundle) }
        }
        var statistics = model.statistics
        for run in try log.runs(ofSession: id) {
            let recorded = try RecordedRun(run, session: name, store: store, log: log)
            let compared = try process(recorded, statistics, into: &report, progress)
            if run.state == .ended, let compared { statistics = compared }
            if let decoder {
                try Engine.$current.withValue(engine) { try compareImages(run, name, decoder, &report, progress) }
            }
            report.runs += 1
        }
        return report
    }

    // MARK: - Patterns

    private func process(
        _ recorded: RecordedRun,
        _ statistics: [VoxelStatistics],
        into report: inout Report,
        _ progress: (Int) -> Void
    ) throws -> [VoxelStatistics]? {
        let processing = try RunProcessing(decoding: recorded.run.processing)
        let configuration = processing.configuration
        if processing.model != model.digest {
            report.differences.append(
                .init(run: recorded.key.run, subject: "mask, reference or settings", detail: "are not the run's")
            )
        }
        var run = try LiveRun(
            key: recorded.key,
            description: RunDescription(session: recorded.key.session, run: recorded.key.run),
            model: model,
            configuration: configuration,
            statistics: statistics,
            sequencer: VolumeSequencer(patience: .zero),
            clock: AcquisitionClock(repetitionTime: configuration.repetitionTime),
            kernels: VolumeKernels(pool: ThreadPool(threads: threads))
        )
        var made: [[LiveRun.Readout]] = []
        try recorded.replay { step in
            switch step {
            case .event(let event): _ = try run.present(event.event)
            case .volume(let record, let voxels):
                made.append(try run.process(voxels, index: record.index).readouts)
                report.volumes += 1
                progress(report.volumes + report.images)
            case .unrecorded(let record, let reason):
                report.differences.append(
                    .init(run: recorded.key.run, subject: "volume \(record.index)", detail: reason)
                )
            }
        }
        if recorded.run.state == .ended { made.append(try run.finish()) }
        try compare(Array(made.joined()), recorded, &report)
        return run.statistics
    }

    private func compare(_ made: [LiveRun.Readout], _ recorded: RecordedRun, _ report: inout Report) throws {
        var stored: [StoredOutputs.Key: TrialRecord] = [:]
        for trial in try log.trials(ofRun: recorded.run.id ?? 0) {
            stored[.init(trial: trial.trial, readout: trial.readout, sample: nil)] = trial
        }
        for (pattern, number) in made {
            let subject = "trial \(pattern.trial), readout \(number)"
            guard let record = stored.removeValue(forKey: .init(trial: pattern.trial, readout: number, sample: nil))
            else {
                report.differences.append(.init(run: recorded.key.run, subject: subject, detail: "is not stored"))
                continue
            }
            if Self.areIdentical(record.pattern, pattern.pattern) {
                report.patterns += 1
            } else {
                let distance = zip(record.pattern, pattern.pattern).map { abs($0 - $1) }.max() ?? 0
                report.differences.append(
                    .init(run: recorded.key.run, subject: subject, detail: "the pattern differs by up to \(distance)")
                )
            }
        }
        for key in stored.keys.sorted(by: { ($0.trial, $0.readout) < ($1.trial, $1.readout) }) {
            report.differences.append(
                .init(
                    run: recorded.key.run,
                    subject: "trial \(key.trial), readout \(key.readout)",
                    detail: "is stored but was not made again"
                )
            )
        }
    }

    private static func areIdentical(_ left: [Float], _ right: [Float]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0.bitPattern == $1.bitPattern }
    }

    // MARK: - Images

    private func compareImages(
        _ run: RunRecord,
        _ session: String,
        _ decoder: TrialDecoder,
        _ report: inout Report,
        _ progress: (Int) -> Void
    ) throws {
        let id = run.id ?? 0
        let trials = try log.trials(ofRun: id)
        for record in try log.reconstructions(ofRun: id) {
            let subject = "image of trial \(record.trial), sample \(record.sample)"
            guard let trial = trials.first(where: { $0.id == record.trialID }),
                let method = SamplerMethod(rawValue: record.sampler)
            else {
                report.differences.append(.init(run: run.name, subject: subject, detail: "its trial is not stored"))
                continue
            }
            let request = TrialDecoder.Request(
                noise: ReconstructionNoise(
                    seed: record.seed,
                    scope: "\(session)/\(run.name)",
                    pattern: record.trial,
                    sample: record.sample
                ),
                method: method,
                steps: record.plannedSteps
            )
            let condition = try decoder.condition(trial.pattern)
            let image = try decoder.image(of: condition, request) { $0 >= record.steps }
            if image.png.elementsEqual(record.png) {
                report.images += 1
            } else {
                report.differences.append(
                    .init(run: run.name, subject: subject, detail: "is another image than the stored one")
                )
            }
            progress(report.volumes + report.images)
        }
    }
}
