/// Standardizes the responses of each voxel to a mean of zero and a deviation of one by the trials so far.
///
/// Early in a run few trials are known, so mean and variance shrink toward those of an earlier run: they are the
/// posterior means and scales under the conjugate normal–inverse-χ² prior (Gelman et al., "Bayesian Data Analysis", 3rd
/// edition, §3.3). With prior mean m₀ worth κ trials, prior variance s₀² worth ν trials, and n trials of mean m and
/// variance s²:
///
///     mean = (κ·m₀ + n·m)/(κ + n)
///     variance = (ν·s₀² + (n − 1)·s² + κ·n/(κ + n)·(m − m₀)²)/(ν + n)
///
/// With κ = 0, the mean is estimated from the trials alone and costs a degree of freedom: the divisor is ν + n − 1, so
/// without a prior the variance is s². Nothing is ready before the numbers determine both.
public struct VoxelStandardization: Sendable {
    /// The number of voxels.
    public let voxels: Int
    /// What is known before the first trial.
    public let prior: VoxelPrior?
    /// Whether a trial's own response is part of the statistics that it is standardized by.
    public let includesCurrent: Bool
    /// The least deviation to divide by, in units of the responses; it keeps constant voxels finite.
    public let minimumDeviation: Double
    /// The number of trials included.
    public private(set) var trials = 0
    private var means: [Double]
    /// The sums of squared differences from the means.
    private var squares: [Double]

    /// Starts without trials.
    /// - Parameters:
    ///   - voxels: the number of voxels, 1 to 2²⁴.
    ///   - prior: what is known before the first trial.
    ///   - includesCurrent: whether a trial takes part in its own statistics; by default only earlier trials do.
    ///   - minimumDeviation: the least deviation to divide by, above 0.
    public init(
        voxels: Int,
        prior: VoxelPrior? = nil,
        includesCurrent: Bool = false,
        minimumDeviation: Double = 1e-6
    ) throws(PreprocessingError) {
        try RegressionConfiguration(regressors: 0, voxels: voxels).validate()
        try prior?.validate(voxels: voxels)
        guard minimumDeviation > 0, minimumDeviation.isFinite else {
            throw PreprocessingError(.configuration, "least deviation", "is \(minimumDeviation); choose above 0")
        }
        self.voxels = voxels
        self.prior = prior
        self.includesCurrent = includesCurrent
        self.minimumDeviation = minimumDeviation
        means = [Double](repeating: 0, count: voxels)
        squares = means
    }

    /// Whether the trials so far and the prior determine mean and variance.
    public var isReady: Bool { isReady(trials) }

    private func isReady(_ count: Int) -> Bool {
        let (kappa, nu) = strengths
        return kappa + Double(count) > 0 && (nu > 0 || count >= 2)
    }

    private var strengths: (mean: Double, variance: Double) {
        (prior?.meanStrength ?? 0, prior?.varianceStrength ?? 0)
    }

    /// Writes standardized responses without taking them in, and returns whether the statistics are ready.
    ///
    /// If they are not, zeros are written. A trial may be standardized again whenever its estimate improves.
    public func standardize(
        _ responses: UnsafeBufferPointer<Float>,
        into result: UnsafeMutableBufferPointer<Float>
    ) throws(PreprocessingError) -> Bool {
        try VolumeSum.check(responses.count, "responses", count: voxels, unit: "voxels")
        try VolumeSum.check(result.count, "result", count: voxels, unit: "voxels")
        let count = trials + (includesCurrent ? 1 : 0)
        guard isReady(count) else {
            result.update(repeating: 0)
            return false
        }
        for voxel in 0..<voxels {
            let value = Double(responses[voxel])
            var (mean, square) = (means[voxel], squares[voxel])
            if includesCurrent { Self.include(value, count: count, &mean, &square) }
            let (center, variance) = posterior(voxel, mean, square, count: Double(count))
            result[voxel] = Float((value - center) / max(minimumDeviation, variance.squareRoot()))
        }
        return true
    }

    /// Takes in the final responses to a trial.
    public mutating func include(_ responses: UnsafeBufferPointer<Float>) throws(PreprocessingError) {
        try VolumeSum.check(responses.count, "responses", count: voxels, unit: "voxels")
        trials += 1
        for voxel in 0..<voxels {
            Self.include(Double(responses[voxel]), count: trials, &means[voxel], &squares[voxel])
        }
    }

    /// Mean and deviation of each voxel by the trials so far and the prior: a prior for the next run; nothing if they
    /// are not ready.
    public var statistics: VoxelStatistics? {
        guard isReady else { return nil }
        var result = VoxelStatistics(means: means, deviations: squares)
        for voxel in 0..<voxels {
            let (mean, variance) = posterior(voxel, means[voxel], squares[voxel], count: Double(trials))
            result.means[voxel] = mean
            result.deviations[voxel] = variance.squareRoot()
        }
        return result
    }

    /// Welford's update (Technometrics 4, 1962).
    private static func include(_ value: Double, count: Int, _ mean: inout Double, _ square: inout Double) {
        let difference = value - mean
        mean += difference / Double(count)
        square += difference * (value - mean)
    }

    private func posterior(
        _ voxel: Int,
        _ mean: Double,
        _ square: Double,
        count: Double
    ) -> (mean: Double, variance: Double) {
        guard let prior else { return (mean, square / (count - 1)) }
        let (kappa, nu) = strengths
        let priorMean = prior.statistics.means[voxel]
        let priorDeviation = prior.statistics.deviations[voxel]
        let center = (kappa * priorMean + count * mean) / (kappa + count)
        let shift = (mean - priorMean) * (mean - priorMean) * (kappa * count / (kappa + count))
        // No trials leave the prior as it is, also where its mean counts for nothing.
        let degrees = nu + count - (kappa > 0 || count == 0 ? 0 : 1)
        return (center, (nu * priorDeviation * priorDeviation + square + shift) / degrees)
    }

    /// Writes the statistics of the trials so far.
    public func save(to state: inout StateWriter) {
        state.write([voxels, trials])
        state.write(means)
        state.write(squares)
    }

    /// Goes on from saved statistics of as many voxels.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        let numbers = try state.integers(2)
        guard numbers[0] == voxels, numbers[1].isPlausibleCount else {
            throw PreprocessingError(.damagedState, "saved statistics", "have \(numbers[0]) voxels, not \(voxels)")
        }
        let means = try state.doubles(voxels)
        squares = try state.doubles(voxels)
        (self.means, trials) = (means, numbers[1])
    }
}
