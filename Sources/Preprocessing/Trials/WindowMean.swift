import Tensors

/// Which volumes after a trial's onset show its response.
public struct ResponseWindow: Sendable, Equatable, Codable {
    /// The time from the onset to the first volume in s.
    public var delay: Double
    /// The length in s.
    public var duration: Double

    /// Describes a window.
    public init(delay: Double, duration: Double) {
        self.delay = delay
        self.duration = duration
    }
}

/// The response to one trial as the mean of the volumes of a window after its onset.
///
/// A volume counts if its acquisition time lies in [onset + delay, onset + delay + duration). This is how the Generic
/// Object Decoding data were averaged (Horikawa & Kamitani, Nature Communications 8, 2017). Confounds are subtracted
/// with the coefficients at the time of the estimate, mean(y) − mean(x)·β, so later volumes improve an earlier trial.
public struct WindowMean: Sendable {
    /// The onset of the trial in s.
    public let onset: Double
    /// The window after the onset.
    public let window: ResponseWindow
    private var sum: VolumeSum

    /// Times closer than this are equal, in s; multiples of a repetition time carry rounding.
    private static let resolution = 1e-6

    /// Starts without volumes.
    /// - Parameters:
    ///   - onset: the onset of the trial in s, on the clock of the volumes.
    ///   - window: which volumes count.
    ///   - regressors: the number of confounds, 0 to 1024.
    ///   - voxels: the number of voxels, 1 to 2²⁴.
    public init(onset: Double, window: ResponseWindow, regressors: Int, voxels: Int) throws(PreprocessingError) {
        guard onset.isFinite, window.delay.isFinite, window.duration > 0, window.duration.isFinite else {
            throw PreprocessingError(
                .configuration,
                "window",
                "starts \(window.delay) s after \(onset) s and lasts \(window.duration) s; give finite times and a "
                    + "duration above 0"
            )
        }
        try RegressionConfiguration(regressors: regressors, voxels: voxels).validate()
        self.onset = onset
        self.window = window
        sum = VolumeSum(regressors: regressors, voxels: voxels)
    }

    /// The number of volumes of the window so far.
    public var volumes: Int { sum.volumes }

    /// Whether a volume acquired at `time` in s belongs to the window.
    public func contains(_ time: Double) -> Bool {
        let start = onset + window.delay
        return time >= start - Self.resolution && time < start + window.duration - Self.resolution
    }

    /// Whether no volume acquired at or after `time` in s belongs to the window.
    public func isOver(at time: Double) -> Bool { time >= onset + window.delay + window.duration - Self.resolution }

    /// Takes in a volume if it belongs to the window, and returns whether it does.
    /// - Parameters:
    ///   - time: its acquisition time in s.
    ///   - row: its confounds.
    ///   - responses: its voxels.
    public mutating func update(
        time: Double,
        row: [Double],
        responses: UnsafeBufferPointer<Float>
    ) throws(PreprocessingError) -> Bool {
        try VolumeSum.check(row.count, "row", count: sum.row.count, unit: "regressors")
        try VolumeSum.check(responses.count, "responses", count: sum.responses.count, unit: "voxels")
        guard contains(time) else { return false }
        row.withUnsafeBufferPointer { sum.add(row: $0, responses: responses) }
        return true
    }

    /// Writes the mean of the window's volumes so far less their confounds, and returns whether there are any.
    /// - Parameters:
    ///   - regression: the fit of the confounds to all volumes so far; without, nothing is subtracted.
    ///   - result: one number per voxel.
    ///   - pool: the threads to use.
    public func estimate(
        regression: RecursiveRegression?,
        into result: UnsafeMutableBufferPointer<Float>,
        pool: ThreadPool
    ) throws(PreprocessingError) -> Bool {
        guard volumes > 0 else { return false }
        try sum.adjustedMean(regression: regression, into: result, pool: pool)
        return true
    }

    /// Writes the sums so far.
    public func save(to state: inout StateWriter) {
        state.write([onset, window.delay, window.duration])
        sum.save(to: &state)
    }

    /// Goes on from saved sums of the same window.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        guard try state.doubles(3) == [onset, window.delay, window.duration] else {
            throw PreprocessingError(.damagedState, "saved window", "belongs to another trial or window")
        }
        try sum.restore(from: &state)
    }
}
