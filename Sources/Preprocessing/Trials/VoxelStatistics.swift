/// The mean and the standard deviation of each voxel over trials, for instance those of an earlier run.
public struct VoxelStatistics: Sendable, Equatable, Codable {
    /// The means, V.
    public var means: [Double]
    /// The standard deviations, V.
    public var deviations: [Double]

    /// Describes statistics.
    public init(means: [Double], deviations: [Double]) {
        self.means = means
        self.deviations = deviations
    }
}

/// What is known of each voxel before the first trial, and how much it counts.
public struct VoxelPrior: Sendable, Equatable, Codable {
    /// The statistics of an earlier run or session.
    public var statistics: VoxelStatistics
    /// The number κ of trials that the prior means count as, 0 or more.
    public var meanStrength: Double
    /// The number ν of trials that the prior variances count as, 0 or more.
    public var varianceStrength: Double

    /// Describes a prior.
    public init(statistics: VoxelStatistics, meanStrength: Double, varianceStrength: Double) {
        self.statistics = statistics
        self.meanStrength = meanStrength
        self.varianceStrength = varianceStrength
    }

    /// Throws if it does not fit a number of voxels.
    func validate(voxels: Int) throws(PreprocessingError) {
        for values in [statistics.means, statistics.deviations] {
            try VolumeSum.check(values.count, "prior statistics", count: voxels, unit: "voxels")
        }
        let isSound =
            statistics.means.allSatisfy(\.isFinite) && statistics.deviations.allSatisfy { $0 >= 0 && $0.isFinite }
        guard isSound else {
            throw PreprocessingError(.configuration, "prior statistics", "have means or deviations that are impossible")
        }
        for strength in [meanStrength, varianceStrength] {
            guard strength >= 0, strength.isFinite else {
                throw PreprocessingError(.configuration, "strength of the prior", "is \(strength); choose 0 or more")
            }
        }
    }
}
