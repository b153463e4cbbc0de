import Tensors

/// The response to each trial by least squares separate (LSS), exact after every volume.
///
/// For each trial, the model has the confounds, the trial's own regressor and the sum of the regressors of all other
/// trials that have begun (Mumford et al., "Deconvolving BOLD activation in event-related designs for multivoxel
/// pattern classification analyses", NeuroImage 59, 2012). All models are kept at once: the confounds are eliminated by
/// the rotations of a recursive regression, and a trial costs one product per voxel and volume from when it begins. An
/// estimate then solves two equations per voxel and equals a batch fit to the volumes so far.
public struct LeastSquaresSeparate: Sendable {
    /// The size of the confounds and the noise model.
    public let configuration: RegressionConfiguration
    private var factor: TriangularFactor
    private var responses: RotatedResponses
    private var whitening: Prewhitening
    private var trialWhitening: Prewhitening
    private var products: TrialCrossProducts

    /// Starts without volumes and trials.
    /// - Parameters:
    ///   - configuration: the number of confounds as regressors, of voxels, and the noise model.
    ///   - trialCapacity: the number of trials to make room for, 0 to 2¹⁶; more make room as they begin.
    public init(configuration: RegressionConfiguration, trialCapacity: Int = 128) throws(PreprocessingError) {
        try configuration.validate()
        guard (0...65536).contains(trialCapacity), trialCapacity * configuration.voxels <= Self.productLimit else {
            throw PreprocessingError(
                .configuration,
                "capacity for trials",
                "is \(trialCapacity) for \(configuration.voxels) voxels; choose at most 65536 and "
                    + "\(Self.productLimit) trials times voxels"
            )
        }
        self.configuration = configuration
        let (regressors, voxels) = (configuration.regressors, configuration.voxels)
        let (forgetting, autoregression) = (configuration.forgetting, configuration.autoregression)
        factor = TriangularFactor(
            columns: regressors,
            forgetting: forgetting,
            tolerance: configuration.tolerance,
            precisions: configuration.precisions
        )
        responses = RotatedResponses(regressors: regressors, voxels: voxels)
        whitening = Prewhitening(coefficient: autoregression, columns: regressors, voxels: voxels)
        trialWhitening = Prewhitening(coefficient: autoregression, columns: 0, voxels: 0)
        trialWhitening.reserve(columns: trialCapacity)
        products = TrialCrossProducts(
            regressors: regressors,
            voxels: voxels,
            forgetting: forgetting,
            capacity: trialCapacity
        )
    }

    private static let productLimit = 1 << 31

    /// The number of volumes so far.
    public var volumes: Int { factor.rows }

    /// The number of trials that have begun.
    public var trials: Int { products.trials.count }

    /// The rank of the confounds.
    public var rank: Int { factor.rank }

    /// Adds a trial whose regressor is zero at all volumes so far, and returns its index.
    public mutating func beginTrial() throws(PreprocessingError) -> Int {
        guard (trials + 1) * configuration.voxels <= Self.productLimit else {
            throw PreprocessingError(.input, "trial \(trials)", "is more than memory is planned for; start a new run")
        }
        products.begin()
        trialWhitening.addColumn()
        return trials - 1
    }

    /// Takes in a volume.
    /// - Parameters:
    ///   - confounds: the volume's confounds; finite.
    ///   - trials: the value of the regressor of each trial that has begun, in their order; finite.
    ///   - responses: the volume's voxels.
    ///   - pool: the threads to use; the result does not depend on their number.
    public mutating func update(
        confounds: [Double],
        trials: [Double],
        responses: UnsafeBufferPointer<Float>,
        pool: ThreadPool
    ) throws(PreprocessingError) {
        try RegressionConfiguration.check(confounds, "confounds", count: configuration.regressors)
        try RegressionConfiguration.check(trials, "trials", count: self.trials)
        try configuration.check(responses.count, "responses")
        whitening.load(confounds)
        trialWhitening.load(trials)
        factor.absorb(whitening.row)
        self.responses.absorb(
            responses,
            whitening: whitening,
            factor: factor,
            forgetting: configuration.forgetting,
            pool: pool
        )
        products.absorb(trialWhitening.row, responses: self.responses.innovations, factor: factor, pool: pool)
        whitening.remember(confounds, responses)
        trialWhitening.remember(trials, UnsafeBufferPointer(start: nil, count: 0))
    }

    /// Says that volumes are missing before the next one, which then is not predicted from the previous one.
    public mutating func breakSequence() {
        whitening.breakSequence()
        trialWhitening.breakSequence()
    }

    /// The response to a trial from the volumes so far; nothing if they do not determine it yet.
    public func estimate(trial: Int) throws(PreprocessingError) -> TrialEstimate? {
        var beta = [Float](repeating: 0, count: configuration.voxels)
        var standardError = beta
        let solution = try solve(trial)
        guard let solution else { return nil }
        beta.withUnsafeMutableBufferPointer { beta in
            standardError.withUnsafeMutableBufferPointer { fill(trial, solution, beta, $0) }
        }
        return TrialEstimate(trial: trial, beta: beta, standardError: standardError, fit: solution.fit)
    }

    /// Writes the response to a trial, V, and its standard error, V; writes nothing if it is not determined yet.
    public func estimate(
        trial: Int,
        beta: UnsafeMutableBufferPointer<Float>,
        standardError: UnsafeMutableBufferPointer<Float>
    ) throws(PreprocessingError) -> TrialFit? {
        try configuration.check(beta.count, "beta")
        try configuration.check(standardError.count, "standard error")
        guard let solution = try solve(trial) else { return nil }
        fill(trial, solution, beta, standardError)
        return solution.fit
    }

    /// The two equations of a trial, [own, cross; cross, others], after elimination.
    private struct Solution {
        let fit: TrialFit
        let cross: Double
        /// The others' sum of squares; zero if there are none or confounds explain them.
        let others: Double
    }

    private func solve(_ trial: Int) throws(PreprocessingError) -> Solution? {
        guard (0..<trials).contains(trial) else {
            throw PreprocessingError(.input, "trial \(trial)", "has not begun; \(trials) have")
        }
        let sums = products.trials[trial]
        let rounding = configuration.tolerance * configuration.tolerance
        guard sums.own > rounding * sums.ownNorm else { return nil }
        let hasOthers = sums.others > rounding * sums.othersNorm
        let explained = hasOthers ? sums.cross * sums.cross / sums.others : 0
        let left = sums.own - explained
        guard left > configuration.tolerance * sums.own else { return nil }
        let fit = TrialFit(
            degreesOfFreedom: factor.weight - Double(factor.rank + (hasOthers ? 2 : 1)),
            volumes: volumes,
            varianceFactor: 1 / left
        )
        return Solution(fit: fit, cross: sums.cross, others: hasOthers ? sums.others : 0)
    }

    private func fill(
        _ trial: Int,
        _ solution: Solution,
        _ beta: UnsafeMutableBufferPointer<Float>,
        _ standardError: UnsafeMutableBufferPointer<Float>
    ) {
        let voxels = configuration.voxels
        let inverse = solution.fit.varianceFactor
        let degrees = solution.fit.degreesOfFreedom
        let hasOthers = solution.others > 0
        products.products.withUnsafeBufferPointer { products in
            for voxel in 0..<voxels {
                let own = products[trial * voxels + voxel]
                let others = hasOthers ? self.products.totalProducts[voxel] - own : 0
                let slope = hasOthers ? solution.cross / solution.others : 0
                let coefficient = (own - slope * others) * inverse
                let rest = hasOthers ? (others - solution.cross * coefficient) / solution.others : 0
                let squares = responses.residualSquares[voxel] - own * coefficient - others * rest
                beta[voxel] = Float(coefficient)
                // Rounding may leave slightly less than nothing of a perfect fit.
                let variance = degrees > 0 ? (squares < 0 ? 0 : squares) / degrees : .infinity
                standardError[voxel] = Float((variance * inverse).squareRoot())
            }
        }
    }

    /// Writes what the volumes so far have left.
    public func save(to state: inout StateWriter) {
        configuration.save(to: &state)
        factor.save(to: &state)
        responses.save(to: &state)
        whitening.save(to: &state)
        products.save(to: &state)
        trialWhitening.save(to: &state)
    }

    /// Goes on from a saved state; throws and leaves everything as it was if the state is not of this configuration.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        try configuration.check(&state)
        var restored = self
        try restored.factor.restore(from: &state)
        try restored.responses.restore(from: &state)
        try restored.whitening.restore(from: &state)
        try restored.products.restore(from: &state)
        let autoregression = configuration.autoregression
        restored.trialWhitening = Prewhitening(coefficient: autoregression, columns: restored.trials, voxels: 0)
        try restored.trialWhitening.restore(from: &state)
        self = restored
    }
}
