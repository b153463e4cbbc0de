import Decoder
import Foundation
import Images
import Neuroimaging
import Sessions
import Settings
import Synchronization
import Tensors
import Threading
import WireFormat

/// Decodes trials to images, freshest first, on threads that yield to those of the volume lane.
///
/// It adapts to the time that is left: fewer sampler steps when it is short. An image whose time is up after the fewest
/// steps is cut short; what it had come to is published as a preview.
public actor DecodeLane {
    private let thread: ThreadExecutor
    /// The lane's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let context: LaneContext
    private let folder: URL
    private let defaults: BundleManifest.SamplerDefaults
    private let threads: Int
    private let current: Mutex<(settings: DecodingSettings, provenance: Provenance)>
    private let progress: (@Sendable (Bool) -> Void)?
    private let images: ImageFolder?
    private var decoder: TrialDecoder?
    private var engine: Engine?
    private var budget: StepBudget

    /// Makes a lane that decodes the trials of a context's queue.
    ///
    /// - Parameters:
    ///   - context: What it works with.
    ///   - bundle: The decoder; the lane opens it again on its own thread.
    ///   - threads: The threads that compute.
    ///   - progress: Is told when work on a trial begins (true) and ends (false), for the watchdog.
    public init(
        _ context: LaneContext,
        bundle: DecoderBundle,
        threads: Int,
        progress: (@Sendable (Bool) -> Void)? = nil
    ) {
        self.context = context
        folder = bundle.folder
        defaults = bundle.manifest.sampler
        self.threads = threads
        self.progress = progress
        thread = ThreadExecutor(name: "decoding", niceness: context.settings.threads.niceness)
        current = Mutex((context.settings.decoding, context.provenance))
        images = context.settings.output.images.map { ImageFolder(path: $0) }
        let most = context.settings.decoding.steps ?? bundle.manifest.sampler.steps
        budget = StepBudget(fewest: context.settings.decoding.fewestSteps, most: most)
    }

    /// Takes over settings that changed while the daemon runs.
    public nonisolated func reload(_ changed: DecodingSettings, _ provenance: Provenance) {
        current.withLock { $0 = (changed, provenance) }
    }

    /// Opens the decoder and decodes a first pattern, so that the first trial does not wait for weights to be read.
    ///
    /// Throws what the bundle's files throw.
    public func prepare() throws {
        // Made here, the engine's threads are as nice as this one.
        let engine = Engine(threads: threads)
        self.engine = engine
        try Engine.$current.withValue(engine) {
            let bundle = try DecoderBundle(opening: folder)
            let decoder = try TrialDecoder(bundle)
            self.decoder = decoder
            let condition = try decoder.condition([Float](repeating: 0, count: decoder.voxels))
            let noise = ReconstructionNoise(seed: 0, scope: "first", pattern: 0, sample: 0)
            let request = TrialDecoder.Request(noise: noise, method: method, steps: 1)
            _ = try decoder.image(of: condition, request)
            let second = try decoder.image(of: condition, request)
            measure(second)
            if let reason = decoder.keepPackedWeights() {
                context.log.info("packed weights are not kept", metadata: ["reason": "\(reason)"])
            }
        }
    }

    /// Decodes trials until their queue is finished or the task is cancelled.
    public func run() async {
        while let trial = await context.trials.next() {
            progress?(true)
            decode(trial)
            progress?(false)
        }
    }

    private var method: SamplerMethod {
        current.withLock { $0.settings.sampler }.flatMap { SamplerMethod(rawValue: $0) } ?? defaults.method
    }

    private func measure(_ image: TrialDecoder.Image) {
        budget.measured(
            steps: image.steps,
            sampling: image.seconds.sampling,
            fixed: image.seconds.decoding + image.seconds.compression
        )
    }

    private func decode(_ trial: WaitingTrial) {
        guard let decoder, let engine else { return }
        do {
            try Engine.$current.withValue(engine) { try decode(trial, with: decoder) }
        } catch is CancellationError {
            context.log.info("decoding was cancelled", metadata: ["trial": "\(trial.trial)"])
        } catch {
            let key = RunKey(session: trial.session, run: trial.run)
            let fault = SourceFault(.unavailable, "trial \(trial.trial)", "cannot be decoded: \(error)")
            context.recorder.offer(.fault(context.monitor.report(fault, run: key), key))
        }
    }

    private func decode(_ trial: WaitingTrial, with decoder: TrialDecoder) throws {
        let (settings, provenance) = current.withLock { $0 }
        let start = ContinuousClock.now
        let condition = try decoder.condition(trial.pattern.pattern)
        let encoding = (ContinuousClock.now - start) / .seconds(1)
        let most = settings.steps ?? defaults.steps
        if budget.most != most || budget.fewest != min(settings.fewestSteps, most) {
            budget = budget.limited(fewest: settings.fewestSteps, most: most)
        }
        var made: [Image8] = []
        for sample in 0..<max(1, settings.samples) {
            // The first sample always comes; further ones only while there is time.
            if sample > 0, ContinuousClock.now >= trial.deadline { break }
            let left = (trial.deadline - .now) / .seconds(1) / Double(max(1, settings.samples) - sample)
            let steps = budget.steps(secondsLeft: left, waiting: context.trials.count)
            let request = TrialDecoder.Request(
                noise: ReconstructionNoise(
                    seed: settings.seed,
                    scope: "\(trial.session)/\(trial.run)",
                    pattern: trial.trial,
                    sample: sample
                ),
                method: method,
                steps: decoder.plannedSteps(method, steps)
            )
            let image = try decoder.image(of: condition, request) { taken in
                progress?(true)
                return taken >= budget.fewest && budget.isOver(secondsLeft: (trial.deadline - .now) / .seconds(1))
            }
            measure(image)
            made.append(image.image)
            let finished = Finished(
                image: image,
                request: request,
                sample: sample,
                samples: max(1, settings.samples),
                agreement: agreement(made),
                encoding: encoding
            )
            finish(trial, finished, provenance)
        }
    }

    /// An image that was made, and how.
    struct Finished {
        let image: TrialDecoder.Image
        let request: TrialDecoder.Request
        let sample: Int
        let samples: Int
        let agreement: Double?
        /// Seconds of encoding the pattern; shared by its samples.
        let encoding: Double
    }

    /// Publishes and keeps an image.
    private func finish(_ trial: WaitingTrial, _ finished: Finished, _ provenance: Provenance) {
        let (image, request) = (finished.image, finished.request)
        let now = ContinuousClock.now
        let age = (now - trial.readyAt) / .seconds(1)
        let isLate = now > trial.deadline
        let stages = [
            "encoding": finished.encoding, "steps": image.seconds.sampling, "pixels": image.seconds.decoding,
            "compression": image.seconds.compression, "image": age,
        ].mapValues { $0 * 1000 }
        let body = ReconstructionBody(
            trial,
            finished,
            isLate: isLate,
            age: age,
            provenance: provenance,
            latencies: stages
        )
        context.publication.publish(
            body,
            topic: image.isCutShort ? .preview : .reconstruction,
            session: trial.session,
            run: trial.run,
            payload: [image.png]
        )
        context.monitor.countTrials {
            // A trial counts once, by its first sample, which always comes.
            guard finished.sample == 0 else { return }
            if image.isCutShort { $0.cutShort += 1 } else { $0.decoded += 1 }
            if isLate { $0.late += 1 }
        }
        context.monitor.latencies.add(stages)
        let key = RunKey(session: trial.session, run: trial.run)
        var record = ReconstructionRecord(
            runID: 0,
            trialID: 0,
            trial: trial.trial,
            sample: finished.sample,
            png: Data(image.png),
            seed: request.noise.seed,
            sampler: request.method.rawValue,
            steps: image.steps,
            plannedSteps: image.plannedSteps,
            bundleHash: provenance.bundle ?? "",
            configurationHash: provenance.configuration,
            publishedAt: Date().timeIntervalSince1970
        )
        (record.isLate, record.age, record.agreement, record.latencies) = (isLate, age, finished.agreement, stages)
        context.recorder.offer(.reconstruction(key, readout: trial.readout, record))
        if let problem = images?.write(image.png, trial: trial, sample: finished.sample) {
            context.recorder.offer(.fault(context.monitor.report(problem, run: key), key))
        }
    }
}
