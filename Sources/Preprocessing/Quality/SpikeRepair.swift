/// Finds and repairs single spikes in the voxels' time courses, one volume at a time.
///
/// The rule: a voxel whose value lies more than `threshold` standard deviations from its running mean is a spike and
/// is replaced by that mean; if the next volume deviates in the same direction too, the level has changed, and the
/// value is accepted. Mean and variance follow the accepted values with a weight of 1/`memory`, after a start of
/// `warmUp` volumes in which nothing is repaired. The idea of accepting the second spike of one sign is OpenNFT's.
public struct SpikeRepair: Sendable {
    /// How spikes are recognised.
    public struct Configuration: Sendable, Equatable, Codable {
        /// The number of standard deviations beyond which a value is a spike.
        public var threshold = 6.0
        /// The number of volumes that the running mean and variance remember.
        public var memory = 20
        /// The number of volumes before anything is repaired.
        public var warmUp = 10

        /// Six standard deviations, twenty volumes, from the eleventh volume on.
        public init() {}

        func check() throws(PreprocessingError) {
            guard threshold > 0, memory >= 2, warmUp >= 2 else {
                throw PreprocessingError(
                    .configuration,
                    "spikes",
                    "threshold must be above 0, memory and warmUp at least 2"
                )
            }
        }
    }

    private let configuration: Configuration
    private var means: [Double]
    private var variances: [Double]
    private var signs: [UInt8]
    private var volumes = 0

    /// Starts for a number of voxels.
    public init(voxels: Int, configuration: Configuration = Configuration()) throws(PreprocessingError) {
        try configuration.check()
        self.configuration = configuration
        means = [Double](repeating: 0, count: voxels)
        variances = means
        signs = [UInt8](repeating: 0, count: voxels)
    }

    /// Repairs the next volume's values in place; returns how many were spikes.
    public mutating func repair(_ values: inout [Float]) -> Int {
        precondition(values.count == means.count, "a volume has one value for each voxel")
        volumes += 1
        let isWarm = volumes > configuration.warmUp
        // A plain mean until it has the memory's length, then an exponential one.
        let weight = 1 / Double(min(volumes, configuration.memory))
        let limit = configuration.threshold * configuration.threshold
        var spikes = 0
        for voxel in values.indices {
            let value = Double(values[voxel])
            let difference = value - means[voxel]
            let sign: UInt8 = difference > 0 ? 1 : 2
            if isWarm, !(difference * difference <= limit * variances[voxel]), variances[voxel] > 0,
                signs[voxel] != sign
            {
                signs[voxel] = sign
                values[voxel] = Float(means[voxel])
                spikes += 1
            } else {
                signs[voxel] = 0
                means[voxel] += weight * difference
                variances[voxel] += weight * (difference * difference * (1 - weight) - variances[voxel])
            }
        }
        return spikes
    }

    /// Writes what was learnt of the voxels.
    public func save(to state: inout StateWriter) {
        state.write(means)
        state.write(variances)
        state.write(signs)
        state.write(volumes)
    }

    /// Goes on from a saved state.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        means = try state.doubles(means.count)
        variances = try state.doubles(means.count)
        signs = try state.byteField(means.count)
        volumes = try state.integer()
    }
}
