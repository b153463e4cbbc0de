/// The mean and variance of each voxel over the volumes so far (Welford, Technometrics 4, 1962).
public struct TemporalSignalToNoise: Sendable {
    private var means: [Double]
    private var squares: [Double]
    /// The number of volumes so far.
    public private(set) var volumes = 0

    /// Starts for a number of voxels.
    public init(voxels: Int) {
        means = [Double](repeating: 0, count: voxels)
        squares = means
    }

    /// Takes in a volume; returns the mean over voxels of mean / standard deviation, nil before the second volume.
    ///
    /// The standard deviation is that of the volumes (divided by n), as OpenNFT's; voxels that never changed do not
    /// count.
    public mutating func update(_ values: [Float]) -> Double? {
        precondition(values.count == means.count, "a volume has one value for each voxel")
        volumes += 1
        let count = Double(volumes)
        var (sum, voxels) = (0.0, 0)
        for voxel in values.indices {
            let difference = Double(values[voxel]) - means[voxel]
            means[voxel] += difference / count
            squares[voxel] += difference * (Double(values[voxel]) - means[voxel])
            if squares[voxel] > 0 {
                sum += means[voxel] / (squares[voxel] / count).squareRoot()
                voxels += 1
            }
        }
        return volumes > 1 && voxels > 0 ? sum / Double(voxels) : nil
    }

    /// The temporal signal-to-noise ratio of each voxel; zero where it never changed.
    public var values: [Double] {
        zip(means, squares).map { $1 > 0 ? $0 / ($1 / Double(volumes)).squareRoot() : 0 }
    }

    /// Writes what was summed.
    public func save(to state: inout StateWriter) {
        state.write(means)
        state.write(squares)
        state.write(volumes)
    }

    /// Goes on from a saved state.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        means = try state.doubles(means.count)
        squares = try state.doubles(means.count)
        volumes = try state.integer()
    }
}
