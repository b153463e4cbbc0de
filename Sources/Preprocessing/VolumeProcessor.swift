import Foundation
import Neuroimaging
import Tensors

/// Turns the volumes of one run into patterns, one at a time, with what is known up to each.
///
/// Live decoding and training use this same value, so that a model sees in a scan what it was trained on. The result of
/// a volume never depends on later ones; between two volumes the state can be saved and restored with identical results
/// afterwards. Work is divided in a way that does not depend on the number of threads, so results do not either.
public struct VolumeProcessor: Sendable {
    /// The settings.
    public let configuration: ProcessingConfiguration
    /// The region, in the space of the model.
    public let mask: Mask
    /// The number that the next volume should have.
    public private(set) var nextNumber = 0
    let kernels: VolumeKernels
    private let reference: SplineVolume?
    private let region: PointCloud
    private var sampler: RegionSampler?
    private var monitor: QualityMonitor?
    private var repair: SpikeRepair?
    private var confounds: ConfoundModel
    private var regression: RecursiveRegression
    private var trials: TrialEstimator
    private var firstVoxels: [Float] = []
    private var voxels: [Float] = []
    private var previousVoxels: [Float] = []
    private var values: [Float]
    private var cleaned: [Float]

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - configuration: The settings.
    ///   - mask: The region. Its order is the order of the patterns.
    ///   - reference: The volume that the mask lies on, of the model or an earlier session; nil if the mask lies on the
    ///     run's own first volume.
    ///   - statistics: The trainer's or an earlier run's statistics of each voxel's responses, for standardisation.
    ///   - responses: A response for every voxel of the mask, in place of the one in the settings.
    ///   - kernels: The threads and vector instructions.
    /// - Throws: `configuration` for a setting out of range, `input` for statistics of another region.
    public init(
        configuration: ProcessingConfiguration,
        mask: Mask,
        reference: Volume? = nil,
        statistics: [VoxelStatistics] = [],
        responses: VoxelwiseHemodynamicResponses? = nil,
        kernels: VolumeKernels
    ) throws(PreprocessingError) {
        try configuration.check()
        self.configuration = configuration
        self.mask = mask
        self.kernels = kernels
        self.reference = reference.map { SplineVolume($0, kernels: kernels) }
        region = PointCloud(mask.positions)
        repair = try configuration.spikes.map { settings throws(PreprocessingError) in
            try SpikeRepair(voxels: mask.count, configuration: settings)
        }
        confounds = try ConfoundModel(
            configuration: configuration.confounds,
            volumes: configuration.plannedVolumes,
            repetitionTime: configuration.repetitionTime
        )
        regression = try RecursiveRegression(
            configuration: RegressionConfiguration(
                regressors: confounds.count,
                voxels: mask.count,
                forgetting: configuration.forgetting,
                autoregression: configuration.autoregression,
                precisions: confounds.precisions
            )
        )
        trials = try TrialEstimator(
            configuration,
            confounds: confounds,
            voxels: mask.count,
            statistics: statistics,
            responses: responses
        )
        values = [Float](repeating: 0, count: mask.count)
        cleaned = values
    }

    /// The names of the confound regressors, in order.
    public var confoundNames: [String] { confounds.names }

    /// How today's first volume lies relative to the reference; nil before it came or without a reference.
    public var session: MotionEstimate? { sampler?.session }

    /// The mean and deviation of each voxel's responses, one for each readout, as a start for the next run; nil until
    /// there are enough.
    public var statistics: [VoxelStatistics]? { trials.statistics }

    /// Announces a stimulus, before the first volume that can respond to it.
    ///
    /// A stimulus that is announced later is estimated too, but marked as doubtful.
    ///
    /// - Returns: The number of the trial.
    /// - Throws: `input` if a time is not finite.
    @discardableResult
    public mutating func present(_ event: StimulusEvent) throws(PreprocessingError) -> Int { try trials.present(event) }

    /// The estimates, at the end of the run, of the trials whose last readout did not come.
    public mutating func finish() throws(PreprocessingError) -> [TrialPattern] {
        try trials.finish(regression, pool: kernels.pool)
    }

    /// Takes in the next volume.
    ///
    /// - Parameters:
    ///   - source: The voxels.
    ///   - grid: Where they are: the same grid for all volumes of a run.
    ///   - number: The volume's number in the run, from 0; nil for the next one. A higher number says that volumes are
    ///     missing, a lower one that the volume is a repetition.
    ///   - measured: The values of the measured confounds.
    /// - Throws: `geometry` for a volume of another grid, `input` for a first volume without a head; nothing changed
    ///   then.
    public mutating func process(
        _ source: VoxelSource,
        grid: VoxelGrid,
        number: Int? = nil,
        measured: [Double] = []
    ) throws(PreprocessingError) -> ProcessedVolume {
        try check(source, grid)
        try confounds.check(measured, volume: number ?? nextNumber)
        var clock = StageClock()
        let number = number ?? nextNumber
        let notFinite = load(source, grid)
        let isRepeated = number < nextNumber || isRepetition
        if sampler == nil { try start(grid) } else { sampler?.fit(voxels, kernels: kernels) }
        clock.lap(\.interpolation)
        guard var sampler, var monitor else { preconditionFailure("a run that has begun has a sampler") }
        // Held by one name only, their buffers are changed in place; a repetition leaves no trace in the statistics.
        self.sampler = nil
        if !isRepeated { self.monitor = nil }
        let estimate = sampler.estimate(kernels: kernels)
        let motion = sampler.trusted(estimate)
        clock.lap(\.realignment)
        let outside = sampler.sample(&values, motion, kernels: kernels)
        clock.lap(\.sampling)
        var quality = monitor.judge(sampler.spline, estimate, map: sampler.map(motion), kernels: kernels)
        let spikes = isRepeated ? 0 : repair?.repair(&values) ?? 0
        monitor.judge(&quality, values: values, spikes: spikes, outside: outside)
        quality.notFinite = notFinite
        quality.missingBefore = max(0, number - nextNumber)
        if notFinite > 0 { quality.flags.insert(.notFinite) }
        if isRepeated { quality.flags.insert(.repeated) }
        if quality.missingBefore > 0 { quality.flags.insert(.missingBefore) }
        if let session = sampler.session, !session.isConverged { quality.flags.insert(.sessionNotAligned) }
        if number >= configuration.plannedVolumes { quality.flags.insert(.beyondPlannedRun) }
        self.sampler = sampler
        if !isRepeated { self.monitor = monitor }
        clock.lap(\.quality)
        let due = try regress(number, motion, measured, quality, &clock)
        nextNumber = max(nextNumber, number + 1)
        return ProcessedVolume(
            number: number,
            time: Double(number) * configuration.repetitionTime,
            motion: estimate,
            quality: quality,
            values: values,
            cleaned: cleaned,
            trials: due,
            timings: clock.timings
        )
    }

    /// The last volume in model space, on the mask's grid or another one.
    ///
    /// Throws `input` before the first volume.
    public func resampledVolume(on grid: VoxelGrid? = nil, motion: MotionEstimate) throws(PreprocessingError) -> Volume
    {
        guard let sampler else { throw PreprocessingError(.input, "volume", "none has come yet") }
        return sampler.resampled(to: grid ?? mask.grid, sampler.trusted(motion), kernels: kernels)
    }

    // MARK: - State

    /// Everything that later results depend on, between two volumes.
    ///
    /// It can be restored into a processor with the same settings, mask, reference and statistics.
    public func save() throws(PreprocessingError) -> [UInt8] {
        var state = StateWriter()
        state.write([Self.stateVersion, nextNumber, sampler == nil ? 0 : 1])
        confounds.save(to: &state)
        regression.save(to: &state)
        try trials.save(to: &state)
        repair?.save(to: &state)
        state.write(values)
        state.write(cleaned)
        guard let sampler, let monitor else { return state.bytes }
        state.write([sampler.grid.shape.x, sampler.grid.shape.y, sampler.grid.shape.z])
        state.write(sampler.grid.affine.numbers)
        state.write(firstVoxels)
        state.write(voxels)
        sampler.save(to: &state)
        monitor.save(to: &state)
        return state.bytes
    }

    /// Goes on from a saved state; nothing changes if it does not fit.
    ///
    /// Throws `damagedState` for a state that is damaged or belongs to another configuration.
    public mutating func restore(_ bytes: [UInt8]) throws(PreprocessingError) {
        var state = StateReader(bytes)
        var copy = self
        let numbers = try state.integers(3)
        guard numbers[0] == Self.stateVersion, numbers[1] >= 0 else {
            throw PreprocessingError(
                .damagedState,
                "saved state",
                "is of version \(numbers[0]), not \(Self.stateVersion)"
            )
        }
        copy.nextNumber = numbers[1]
        try copy.confounds.restore(from: &state)
        try copy.regression.restore(from: &state)
        try copy.trials.restore(from: &state)
        try copy.repair?.restore(from: &state)
        copy.values = try state.floats(mask.count)
        copy.cleaned = try state.floats(mask.count)
        if numbers[2] == 1 { try copy.restoreRun(&state) }
        guard state.isAtEnd else {
            throw PreprocessingError(.damagedState, "saved state", "goes on after its end; it has other settings")
        }
        self = copy
    }

    private static let stateVersion = 1

    private mutating func restoreRun(_ state: inout StateReader) throws(PreprocessingError) {
        let shape = try state.integers(3)
        let affine = Affine(numbers: try state.doubles(12))
        let first = try state.floats()
        guard shape.allSatisfy({ (1...100_000).contains($0) }), shape.reduce(1, *) == first.count else {
            throw PreprocessingError(.damagedState, "saved state", "has a first volume of another shape")
        }
        voxels = first
        try start(VoxelGrid(shape: SIMD3(shape[0], shape[1], shape[2]), affine: affine))
        voxels = try state.floats(first.count)
        previousVoxels = voxels
        try sampler?.restore(from: &state)
        try monitor?.restore(from: &state)
    }

    // MARK: - Steps

    private func check(_ source: VoxelSource, _ grid: VoxelGrid) throws(PreprocessingError) {
        guard source.count == grid.count else {
            throw PreprocessingError(
                .geometry,
                "volume \(nextNumber)",
                "has \(source.count) voxels on a grid of \(grid.count)"
            )
        }
        guard let sampler, !sampler.grid.matches(grid) else { return }
        throw PreprocessingError(
            .geometry,
            "volume \(nextNumber)",
            "lies on another grid than the run's first volume (\(sampler.grid.shape) voxels, \(sampler.grid.affine.rows))"
        )
    }

    /// Copies the voxels and keeps those of the volume before; returns how many were not finite.
    private mutating func load(_ source: VoxelSource, _ grid: VoxelGrid) -> Int {
        if voxels.count != grid.count {
            voxels = [Float](repeating: 0, count: grid.count)
            previousVoxels = voxels
        }
        swap(&voxels, &previousVoxels)
        return source.copy(to: &voxels, kernels: kernels)
    }

    /// Whether a volume with a new number has the content of the one before.
    private var isRepetition: Bool {
        sampler != nil
            && voxels.withUnsafeBytes { now in
                previousVoxels.withUnsafeBytes { before in
                    guard let now = now.baseAddress, let before = before.baseAddress else { return false }
                    return memcmp(now, before, voxels.count * MemoryLayout<Float>.stride) == 0
                }
            }
    }

    private mutating func start(_ grid: VoxelGrid) throws(PreprocessingError) {
        let sampler = try RegionSampler(
            first: voxels,
            grid: grid,
            region: region,
            reference: reference,
            configuration: configuration,
            kernels: kernels
        )
        monitor = QualityMonitor(head: sampler.head, voxels: mask.count, thresholds: configuration.quality)
        self.sampler = sampler
        firstVoxels = voxels
    }

    /// Regresses the confounds out of the values and hands them to the trials.
    private mutating func regress(
        _ number: Int,
        _ motion: RigidMotion,
        _ measured: [Double],
        _ quality: VolumeQuality,
        _ clock: inout StageClock
    ) throws(PreprocessingError) -> [TrialPattern] {
        guard !quality.flags.contains(.repeated), !quality.flags.contains(.beyondPlannedRun) else { return [] }
        if quality.missingBefore > 0 {
            regression.breakSequence()
            trials.breakSequence()
        }
        let row = try confounds.row(volume: number, motion: motion, measured: measured)
        let isUsable = quality.isUsable
        try values.withUnsafeBufferPointer { (values) throws(PreprocessingError) in
            try cleaned.withUnsafeMutableBufferPointer { (cleaned) throws(PreprocessingError) in
                if isUsable { try regression.update(row: row, responses: values, pool: kernels.pool) }
                try regression.residual(row: row, responses: values, into: cleaned, pool: kernels.pool)
            }
        }
        if !isUsable { regression.breakSequence() }
        clock.lap(\.regression)
        let due = try trials.update(
            number,
            values: values,
            row: row,
            quality: quality,
            regression: regression,
            pool: kernels.pool
        )
        clock.lap(\.trials)
        return due
    }
}
