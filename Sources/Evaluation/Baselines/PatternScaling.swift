import Tensors

/// The z-score of every voxel by its mean and standard deviation over training patterns.
public struct PatternScaling: Sendable, Equatable {
    /// The mean of each voxel.
    public let mean: [Float]
    /// The population standard deviation of each voxel; voxels without variation have 0.
    public let deviation: [Float]

    /// The scaling of the given means and deviations.
    public init(mean: [Float], deviation: [Float]) {
        precondition(mean.count == deviation.count, "\(mean.count) means and \(deviation.count) deviations.")
        (self.mean, self.deviation) = (mean, deviation)
    }

    /// The scaling that training patterns, `[n, voxels]` with at least one row, give.
    public init(training: Tensor) {
        precondition(training.rank == 2 && training.shape[0] > 0, "Patterns of shape \(training.shape).")
        let (rows, voxels) = (training.shape[0], training.shape[1])
        var sums = [Double](repeating: 0, count: voxels)
        var squares = sums
        let values = training.elements
        for row in 0..<rows {
            for voxel in 0..<voxels { sums[voxel] += Double(values[row * voxels + voxel]) }
        }
        let means = sums.map { $0 / Double(rows) }
        for row in 0..<rows {
            for voxel in 0..<voxels {
                let difference = Double(values[row * voxels + voxel]) - means[voxel]
                squares[voxel] += difference * difference
            }
        }
        mean = means.map { Float($0) }
        deviation = squares.map { Float(($0 / Double(rows)).squareRoot()) }
    }

    /// Scaled patterns, `[n, voxels]`; voxels without variation become 0.
    public func callAsFunction(_ patterns: Tensor) -> Tensor {
        precondition(patterns.rank == 2 && patterns.shape[1] == mean.count, "Patterns of shape \(patterns.shape).")
        let factors = deviation.map { $0 > 0 ? 1 / $0 : 0 }
        let result = patterns.copy()
        for index in 0..<result.count {
            let voxel = index % mean.count
            result.pointer[index] = (result.pointer[index] - mean[voxel]) * factors[voxel]
        }
        return result
    }
}
