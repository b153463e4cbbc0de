/// How repeats of one stimulus are weighed.
public enum RepeatWeighting: String, Sendable, Equatable, Codable, CaseIterable {
    /// All alike.
    case equal
    /// By the inverse of each voxel's squared standard error, the best weights for independent errors.
    case inverseVariance
}

/// The running mean of the responses to the repeats of one stimulus.
public struct RepeatAverage: Sendable {
    /// How repeats are weighed.
    public let weighting: RepeatWeighting
    /// The number of repeats so far.
    public private(set) var repeats = 0
    private var means: [Double]
    /// Σw by voxel for weighted means, Σse² for equal weights.
    private var sums: [Double]

    /// A standard error of nothing would weigh infinitely.
    private static let smallestError = 1e-20

    /// Starts without repeats.
    /// - Parameters:
    ///   - voxels: the number of voxels, 1 to 2²⁴.
    ///   - weighting: how repeats are weighed.
    public init(voxels: Int, weighting: RepeatWeighting = .equal) throws(PreprocessingError) {
        try RegressionConfiguration(regressors: 0, voxels: voxels).validate()
        self.weighting = weighting
        means = [Double](repeating: 0, count: voxels)
        sums = means
    }

    /// Takes in the final estimate of a repeat: responses and standard errors, V each.
    ///
    /// An infinite standard error weighs nothing by inverse variance; one of zero weighs more than any other.
    public mutating func add(
        beta: UnsafeBufferPointer<Float>,
        standardError: UnsafeBufferPointer<Float>
    ) throws(PreprocessingError) {
        try VolumeSum.check(beta.count, "beta", count: means.count, unit: "voxels")
        try VolumeSum.check(standardError.count, "standard error", count: means.count, unit: "voxels")
        repeats += 1
        switch weighting {
        case .equal:
            for voxel in means.indices {
                means[voxel] += (Double(beta[voxel]) - means[voxel]) / Double(repeats)
                sums[voxel] += Double(standardError[voxel]) * Double(standardError[voxel])
            }
        case .inverseVariance:
            for voxel in means.indices {
                let error = max(Self.smallestError, Double(standardError[voxel]))
                let weight = 1 / (error * error)
                sums[voxel] += weight
                if weight > 0 { means[voxel] += (Double(beta[voxel]) - means[voxel]) * (weight / sums[voxel]) }
            }
        }
    }

    /// The mean response of each voxel, V; zero before the first repeat.
    public var beta: [Float] { means.map { Float($0) } }

    /// The standard error of the mean if errors are independent, V; infinite before the first repeat.
    public var standardError: [Float] {
        switch weighting {
        case .equal:
            return sums.map { repeats == 0 ? .infinity : Float($0.squareRoot() / Double(repeats)) }
        case .inverseVariance: return sums.map { Float((1 / $0).squareRoot()) }
        }
    }

    /// Writes the sums so far.
    public func save(to state: inout StateWriter) {
        state.write([repeats, weighting == .equal ? 0 : 1])
        state.write(means)
        state.write(sums)
    }

    /// Goes on from saved sums of the same weighting.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        let numbers = try state.integers(2)
        guard numbers[0].isPlausibleCount, numbers[1] == (weighting == .equal ? 0 : 1) else {
            throw PreprocessingError(.damagedState, "saved average", "has another weighting or is damaged")
        }
        let means = try state.doubles(means.count)
        sums = try state.doubles(sums.count)
        (self.means, repeats) = (means, numbers[0])
    }
}
