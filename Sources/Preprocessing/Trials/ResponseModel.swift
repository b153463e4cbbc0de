import Neuroimaging
import Tensors

/// Least squares separate for the voxels that share a haemodynamic response.
struct ResponseModel: Sendable {
    private let regressor: HemodynamicRegressor
    /// The voxels' places in the pattern; nil for all of them.
    private let members: [Int]?
    private var regression: LeastSquaresSeparate
    private var values: [Float]

    init(
        _ response: HemodynamicResponse,
        members: [Int]?,
        voxels: Int,
        confounds: ConfoundModel,
        _ settings: ProcessingConfiguration
    ) throws(PreprocessingError) {
        do {
            regressor = try HemodynamicRegressor(
                response,
                frameTimes: (0..<settings.plannedVolumes).map { Double($0) * settings.repetitionTime }
            )
        } catch {
            throw PreprocessingError(.configuration, "trials.response", error.description)
        }
        self.members = members
        regression = try LeastSquaresSeparate(
            configuration: RegressionConfiguration(
                regressors: confounds.count,
                voxels: members?.count ?? voxels,
                forgetting: settings.forgetting,
                autoregression: settings.autoregression,
                precisions: confounds.precisions
            )
        )
        values = [Float](repeating: 0, count: members?.count ?? 0)
    }

    mutating func begin() throws(PreprocessingError) -> Int { try regression.beginTrial() }

    mutating func breakSequence() { regression.breakSequence() }

    /// Takes in a volume; `events` are those of the trials that have begun, in their order.
    mutating func update(
        _ number: Int,
        events: [StimulusEvent],
        row: [Double],
        values all: [Float],
        pool: ThreadPool
    ) throws(PreprocessingError) {
        let columns = events.map { regressor.value(at: number, of: [$0]) }
        if let members {
            for (place, member) in members.enumerated() { values[place] = all[member] }
        }
        try (members == nil ? all : values).withUnsafeBufferPointer { (responses) throws(PreprocessingError) in
            try regression.update(confounds: row, trials: columns, responses: responses, pool: pool)
        }
    }

    /// Writes the estimates of the model's voxels; returns the degrees of freedom, nil if it is not determined yet.
    func estimate(
        column: Int,
        beta: inout [Float],
        standardError: inout [Float]
    ) throws(PreprocessingError) -> Double? {
        guard let estimate = try regression.estimate(trial: column) else { return nil }
        if let members {
            for (place, member) in members.enumerated() {
                beta[member] = estimate.beta[place]
                standardError[member] = estimate.standardError[place]
            }
        } else {
            (beta, standardError) = (estimate.beta, estimate.standardError)
        }
        return estimate.fit.degreesOfFreedom
    }

    func save(to state: inout StateWriter) { regression.save(to: &state) }

    mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        try regression.restore(from: &state)
    }
}
