import Tensors

/// Least squares of all voxels on the same regressors, exact after every volume.
///
/// Each volume is one row of regressors and one response per voxel. The design's triangular factor R and the turned
/// responses Qᵀy are updated by Givens rotations (square-root recursive least squares), so the coefficients at any time
/// are those of a batch fit to the volumes so far, without the loss of precision of normal equations; the cost of a
/// volume does not grow. With forgetting, volume i weighs λⁿ⁻ⁱ; with autoregression, rows and responses are whitened
/// first.
///
/// With precisions, coefficients are those of a ridge regression: what few volumes cannot tell is taken to be small.
///
/// Regressors that depend on earlier ones, also while there are fewer volumes than regressors, have coefficients of
/// zero; fitted values are unaffected. A response that is not finite makes its voxel's results not finite from then on.
public struct RecursiveRegression: Sendable {
    /// Its size and noise model.
    public let configuration: RegressionConfiguration
    private var factor: TriangularFactor
    private var responses: RotatedResponses
    private var whitening: Prewhitening

    /// Starts without volumes; throws if a setting is out of range.
    public init(configuration: RegressionConfiguration) throws(PreprocessingError) {
        try configuration.validate()
        self.configuration = configuration
        factor = TriangularFactor(
            columns: configuration.regressors,
            forgetting: configuration.forgetting,
            tolerance: configuration.tolerance,
            precisions: configuration.precisions
        )
        responses = RotatedResponses(regressors: configuration.regressors, voxels: configuration.voxels)
        whitening = Prewhitening(
            coefficient: configuration.autoregression,
            columns: configuration.regressors,
            voxels: configuration.voxels
        )
    }

    /// The number of volumes so far.
    public var volumes: Int { factor.rows }

    /// The number of regressors that do not depend on earlier ones.
    public var rank: Int { factor.rank }

    /// The sum of the volumes' weights less the rank; without forgetting, the residual degrees of freedom.
    public var degreesOfFreedom: Double { factor.weight - Double(factor.rank) }

    /// The residual sum of squares of each voxel, V, weighted and whitened as configured.
    public var residualSquares: [Double] { responses.residualSquares }

    /// Takes in a volume.
    /// - Parameters:
    ///   - row: the volume's regressors; finite.
    ///   - responses: the volume's voxels.
    ///   - pool: the threads to use; the result does not depend on their number.
    public mutating func update(
        row: [Double],
        responses: UnsafeBufferPointer<Float>,
        pool: ThreadPool
    ) throws(PreprocessingError) {
        try RegressionConfiguration.check(row, "row", count: configuration.regressors)
        try configuration.check(responses.count, "responses")
        whitening.load(row)
        factor.absorb(whitening.row)
        self.responses.absorb(
            responses,
            whitening: whitening,
            factor: factor,
            forgetting: configuration.forgetting,
            pool: pool
        )
        whitening.remember(row, responses)
    }

    /// Says that volumes are missing before the next one, which then is not predicted from the previous one.
    public mutating func breakSequence() { whitening.breakSequence() }

    /// The fitted value x·β of each voxel for a row x, for instance the mean row of a window of volumes.
    ///
    /// A row of zeros except for a one gives the coefficients of that regressor.
    public func predict(
        row: [Double],
        into result: UnsafeMutableBufferPointer<Float>,
        pool: ThreadPool
    ) throws(PreprocessingError) {
        try forEachPrediction(row: row, voxels: result.count, pool: pool) { start, sums in
            for voxel in 0..<sums.count { result[start + voxel] = Float(sums[voxel]) }
        }
    }

    /// The responses less their fitted values, y − x·β with the coefficients of the volumes so far.
    ///
    /// `result` may be the responses themselves.
    public func residual(
        row: [Double],
        responses: UnsafeBufferPointer<Float>,
        into result: UnsafeMutableBufferPointer<Float>,
        pool: ThreadPool
    ) throws(PreprocessingError) {
        try RegressionConfiguration.check(row, "row", count: configuration.regressors)
        try configuration.check(responses.count, "responses")
        try configuration.check(result.count, "result")
        combine(row, pool: pool) { start, sums in
            for voxel in 0..<sums.count {
                result[start + voxel] = Float(Double(responses[start + voxel]) - sums[voxel])
            }
        }
    }

    /// The coefficients of one regressor, V; zero if it depends on earlier ones.
    public func coefficients(_ regressor: Int, pool: ThreadPool) throws(PreprocessingError) -> [Double] {
        guard (0..<configuration.regressors).contains(regressor) else {
            throw PreprocessingError(
                .input,
                "regressor \(regressor)",
                "does not exist; there are \(configuration.regressors)"
            )
        }
        var row = [Double](repeating: 0, count: configuration.regressors)
        row[regressor] = 1
        var result = [Double](repeating: 0, count: configuration.voxels)
        result.withUnsafeMutableBufferPointer { result in
            combine(row, pool: pool) { start, sums in
                for voxel in 0..<sums.count { result[start + voxel] = sums[voxel] }
            }
        }
        return result
    }

    /// Gives `body` the fitted values of blocks of voxels in double precision, on all threads.
    func forEachPrediction(
        row: [Double],
        voxels: Int,
        pool: ThreadPool,
        _ body: (_ start: Int, _ fits: UnsafeMutableBufferPointer<Double>) -> Void
    ) throws(PreprocessingError) {
        try RegressionConfiguration.check(row, "row", count: configuration.regressors)
        try configuration.check(voxels, "result")
        combine(row, pool: pool, body)
    }

    private func combine(
        _ row: [Double],
        pool: ThreadPool,
        _ body: (_ start: Int, _ sums: UnsafeMutableBufferPointer<Double>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: configuration.regressors) { weights in
            factor.solve(row, into: weights)
            responses.combine(UnsafeBufferPointer(weights), pool: pool, body)
        }
    }

    /// Writes what the volumes so far have left.
    public func save(to state: inout StateWriter) {
        configuration.save(to: &state)
        factor.save(to: &state)
        responses.save(to: &state)
        whitening.save(to: &state)
    }

    /// Goes on from a saved state; throws and leaves everything as it was if the state is not of this configuration.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        try configuration.check(&state)
        var restored = self
        try restored.factor.restore(from: &state)
        try restored.responses.restore(from: &state)
        try restored.whitening.restore(from: &state)
        self = restored
    }
}
