import Decoder
import Foundation
import Neural
import Settings
import Tensors

/// Trains one phase: updates, validation, checkpoints, history; goes on where an earlier run stopped.
struct TrainingLoop {
    /// How the phase is optimised.
    let optimization: OptimizationRecipe
    /// The seed of everything random.
    let seed: UInt64
    /// Where checkpoints and results are.
    let folder: URL
    /// What distinguishes the recipe and the data.
    let fingerprint: String
    /// Seconds between checkpoints.
    var checkpointInterval = 30.0
    /// The bytes of memory that an update may take.
    var memory = Int.max
    /// Called after every update.
    let report: (TrainingProgress) throws -> Void

    private var checkpointPath: String { folder.appendingPathComponent("checkpoint.safetensors").path }
    private var bestPath: String { folder.appendingPathComponent("best.safetensors").path }

    /// The file that a finished phase leaves.
    static func resultPath(in folder: URL) -> String { folder.appendingPathComponent("weights.safetensors").path }

    /// Trains, or takes the weights of an earlier run that was finished.
    func run(_ phase: any TrainingPhase) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let result = Self.resultPath(in: folder)
        let mark = folder.appendingPathComponent("finished").path
        if (try? String(contentsOfFile: mark, encoding: .utf8)) == fingerprint {
            return try TrainingCheckpoint.readWeights(of: phase, from: result)
        }
        let average =
            optimization.average > 0
            ? ExponentialMovingAverage(phase.trained, decay: Float(optimization.average)) : nil
        var progress =
            try TrainingCheckpoint.restore(
                phase,
                average: average,
                from: checkpointPath,
                fingerprint: fingerprint
            ) ?? TrainingCheckpoint.Progress(fingerprint: fingerprint)
        phase.prepare()
        try checkMemory(of: phase)
        try updates(phase, average, &progress)
        try progress.history.write(to: folder, title: phase.name)
        if progress.best != nil, FileManager.default.fileExists(atPath: bestPath) {
            try TrainingCheckpoint.readWeights(of: phase, from: bestPath)
        } else if let average {
            for parameter in phase.trained { average.averages[parameter.name].map { parameter.value = $0.copy() } }
        }
        try TrainingCheckpoint.writeWeights(of: phase, to: result)
        try Data(fingerprint.utf8).write(to: URL(fileURLWithPath: mark), options: .atomic)
        for path in [checkpointPath, bestPath] { try? FileManager.default.removeItem(atPath: path) }
    }

    private func updates(
        _ phase: any TrainingPhase,
        _ average: ExponentialMovingAverage?,
        _ progress: inout TrainingCheckpoint.Progress
    ) throws {
        let perEpoch = Double(phase.itemCount) / Double(optimization.batch)
        let total = Int((optimization.epochs * perEpoch).rounded(.up))
        let validationDistance = max(1, Int((optimization.validateEvery * perEpoch).rounded()))
        // Some two hundred points make a curve.
        let stretch = max(1, total / 200)
        var order = EpochOrder(count: phase.itemCount, seed: seed, purpose: "\(phase.name) order")
        var means = RunningMeans()
        let clock = ContinuousClock()
        let start = clock.now
        let first = progress.step
        var saved = clock.now
        while progress.step < total {
            let epoch = Double(progress.step) / perEpoch
            let items = order.items(step: progress.step, batch: optimization.batch)
            phase.begin(step: progress.step, of: total)
            let values = try update(phase, items, step: progress.step, epoch: epoch)
            average?.update()
            progress.step += 1
            means.add(values)
            if progress.step % stretch == 0 || progress.step == total {
                means.move(to: &progress.history, epoch: Double(progress.step) / perEpoch)
            }
            let isValidation = progress.step % validationDistance == 0 || progress.step == total
            if isValidation, try validate(phase, average, &progress, epoch: Double(progress.step) / perEpoch) { break }
            let elapsed = (clock.now - start).seconds
            try report(
                TrainingProgress(
                    phase: phase.name,
                    step: progress.step,
                    steps: total,
                    epoch: Double(progress.step) / perEpoch,
                    values: values,
                    validation: progress.history.validation.last?.value,
                    secondsPerStep: elapsed / Double(progress.step - first)
                )
            )
            // Means of a stretch are not part of a checkpoint, so one is only made where a stretch ends.
            if progress.step % stretch == 0, (clock.now - saved).seconds >= checkpointInterval {
                try TrainingCheckpoint.write(phase, average: average, progress: progress, to: checkpointPath)
                try progress.history.write(to: folder, title: phase.name)
                saved = clock.now
            }
        }
    }

    /// One update of all weights; returns what was measured.
    private func update(
        _ phase: any TrainingPhase,
        _ items: [Int],
        step: Int,
        epoch: Double
    ) throws -> [(name: String, value: Double)] {
        var random = RandomNumbers(seed: seed, purpose: phase.name, index: UInt64(step))
        for (_, store) in phase.networks { store.clearGradients() }
        let parts = optimization.accumulation
        var values: [(name: String, value: Double)] = []
        for part in 0..<parts {
            let share = items[items.count * part / parts..<items.count * (part + 1) / parts]
            guard !share.isEmpty else { continue }
            let weight = Float(share.count) / Float(items.count)
            let loss = phase.loss(of: Array(share), random: &random)
            (parts == 1 ? loss.total : weight * loss.total).backward()
            let all = [("loss", Double(loss.total.value.item))] + loss.values.map { ($0.name, $0.value) }
            for (index, (name, value)) in all.enumerated() {
                if part == 0 { values.append((name, 0)) }
                values[index].value += Double(weight) * value
            }
        }
        guard let loss = values.first?.value, loss.isFinite else {
            throw TrainingError(
                .diverged,
                phase.name,
                "the loss is not finite at step \(step); lower the learning rate or its clipping norm"
            )
        }
        let schedule: LearningRateSchedule =
            switch optimization.schedule {
            case .cosine: .warmupCosine(warmup: optimization.warmup, epochs: optimization.epochs)
            case .constant: .constant(warmup: optimization.warmup)
            }
        let rate = schedule.learningRate(peak: optimization.learningRate, epoch: epoch)
        for (_, optimizer) in phase.optimizers {
            let norm = gradientNorm(optimizer.groups.flatMap(\.parameters))
            let factor = optimization.clip > 0 ? clippingFactor(norm: norm, limit: Float(optimization.clip)) : 1
            optimizer.step(learningRate: Float(rate), gradientScale: factor)
        }
        return values
    }

    /// Validates with the averaged weights; returns whether training ends here.
    private func validate(
        _ phase: any TrainingPhase,
        _ average: ExponentialMovingAverage?,
        _ progress: inout TrainingCheckpoint.Progress,
        epoch: Double
    ) throws -> Bool {
        // The same numbers each time, so that validations can be compared.
        var random = RandomNumbers(seed: seed, purpose: "\(phase.name) validation")
        func measure() throws -> Double? {
            guard let value = GradientRecording.disabled({ phase.validate(random: &random) }) else { return nil }
            if value.isFinite, value < progress.best ?? .infinity {
                try TrainingCheckpoint.writeWeights(of: phase, to: bestPath)
            }
            return value
        }
        guard let value = try average.map({ try $0.withAverages(measure) }) ?? measure() else { return false }
        progress.history.validation.append(.init(epoch: epoch, value: value))
        if value.isFinite, value < progress.best ?? .infinity {
            progress.best = value
            progress.sinceBest = 0
        } else {
            progress.sinceBest += 1
        }
        return optimization.patience > 0 && progress.sinceBest >= optimization.patience
    }
}

/// How far a phase is.
public struct TrainingProgress: Sendable {
    /// The phase.
    public let phase: String
    /// The updates that were made.
    public let step: Int
    /// The updates that there will be, unless training ends early.
    public let steps: Int
    /// The fractional epoch.
    public let epoch: Double
    /// What the last update measured.
    public let values: [(name: String, value: Double)]
    /// The last validation.
    public let validation: Double?
    /// The mean time of an update in this run.
    public let secondsPerStep: Double
}

/// Sums of what was measured since the last point of the curves.
private struct RunningMeans {
    private var sums: [String: Double] = [:]
    private var count = 0

    mutating func add(_ values: [(name: String, value: Double)]) {
        for (name, value) in values { sums[name, default: 0] += value }
        count += 1
    }

    mutating func move(to history: inout TrainingHistory, epoch: Double) {
        for (name, sum) in sums {
            history.training[name, default: []].append(.init(epoch: epoch, value: sum / Double(count)))
        }
        self = RunningMeans()
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
