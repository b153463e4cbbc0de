/// How a trial was estimated.
public struct TrialFit: Sendable, Equatable {
    /// The residual degrees of freedom: weights of the volumes, less the rank of the confounds and the trial columns.
    public let degreesOfFreedom: Double
    /// The number of volumes so far.
    public let volumes: Int
    /// The variance of the trial's coefficient in units of the noise's variance.
    public let varianceFactor: Double
}

/// The response of every voxel to one trial.
public struct TrialEstimate: Sendable, Equatable {
    /// The trial's index.
    public let trial: Int
    /// The coefficient of the trial's regressor, V.
    public let beta: [Float]
    /// Its standard error, V; infinite without degrees of freedom.
    public let standardError: [Float]
    /// How it was estimated.
    public let fit: TrialFit
}
