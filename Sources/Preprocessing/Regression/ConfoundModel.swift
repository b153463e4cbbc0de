/// A regressor whose value at every volume is known before the run.
public struct ConfoundColumn: Sendable, Equatable, Codable {
    /// Its name.
    public var name: String
    /// Its value at each volume.
    public var values: [Double]

    /// Describes a regressor.
    public init(name: String, values: [Double]) {
        self.name = name
        self.values = values
    }
}

/// What is to be removed from the signal, besides noise.
public struct ConfoundConfiguration: Sendable, Equatable, Codable {
    /// Slow drift, with the constant.
    public var drift: DriftModel
    /// Head motion.
    public var motion: MotionModel
    /// Regressors known before the run, for instance the times of known events.
    public var planned: [ConfoundColumn]
    /// The names of regressors whose values come with each volume, for instance heart rate and breathing.
    public var measured: [String]
    /// How strongly effects of drift and motion are taken to be small, until there is evidence.
    ///
    /// It is the variance of a voxel's noise divided by the variance that is expected of a drift function's amplitude, or of
    /// the effect of 1 mm of motion (rotations count at 50 mm); 0 for ordinary least squares.
    ///
    /// Drift below 0.01 Hz is 20 to 40 % of the variance of real runs, which makes some 10 to 20. Without it, responses
    /// early in a run have as much noise from the drift regressors, which few volumes tell apart, as from the scanner.
    public var shrinkage: Double

    /// Describes confounds.
    public init(
        drift: DriftModel = .cosine(cutoff: 128),
        motion: MotionModel = .twentyFour,
        planned: [ConfoundColumn] = [],
        measured: [String] = [],
        shrinkage: Double = 0
    ) {
        self.drift = drift
        self.motion = motion
        self.planned = planned
        self.measured = measured
        self.shrinkage = shrinkage
    }

    /// Reads settings; those that were written before there was a shrinkage have none.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        drift = try values.decode(DriftModel.self, forKey: .drift)
        motion = try values.decode(MotionModel.self, forKey: .motion)
        planned = try values.decode([ConfoundColumn].self, forKey: .planned)
        measured = try values.decode([String].self, forKey: .measured)
        shrinkage = try values.decodeIfPresent(Double.self, forKey: .shrinkage) ?? 0
    }
}

/// The row of confound regressors of each volume: drift, motion, planned and measured regressors, in this order.
public struct ConfoundModel: Sendable {
    /// What is removed.
    public let configuration: ConfoundConfiguration
    private let drift: DriftBasis
    private var motion: MotionRegressors
    private var nextVolume = 0

    /// Prepares the regressors of a run.
    /// - Parameters:
    ///   - configuration: what is removed.
    ///   - volumes: the planned length of the run.
    ///   - repetitionTime: the time from volume to volume in s.
    public init(
        configuration: ConfoundConfiguration,
        volumes: Int,
        repetitionTime: Double
    ) throws(PreprocessingError) {
        drift = try DriftBasis(model: configuration.drift, volumes: volumes, repetitionTime: repetitionTime)
        motion = MotionRegressors(model: configuration.motion)
        for column in configuration.planned {
            guard column.values.count >= volumes else {
                throw PreprocessingError(
                    .configuration,
                    "regressor \(column.name)",
                    "has \(column.values.count) values for \(volumes) volumes; give one per volume"
                )
            }
            if let index = column.values.firstIndex(where: { !$0.isFinite }) {
                throw PreprocessingError(
                    .configuration,
                    "regressor \(column.name)",
                    "is \(column.values[index]) at volume \(index); give finite numbers"
                )
            }
        }
        guard configuration.shrinkage >= 0, configuration.shrinkage <= 1e6 else {
            throw PreprocessingError(
                .configuration,
                "shrinkage",
                "is \(configuration.shrinkage); choose from 0, for none, to 1000000"
            )
        }
        self.configuration = configuration
        let names = names
        guard names.count <= 1024 else {
            throw PreprocessingError(.configuration, "confounds", "are \(names.count); choose at most 1024")
        }
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw PreprocessingError(.configuration, "regressor \(name)", "is there twice; rename one")
        }
    }

    /// The number of regressors.
    public var count: Int {
        drift.count + motion.model.count + configuration.planned.count + configuration.measured.count
    }

    /// The names of the regressors, in order.
    public var names: [String] {
        drift.names + motion.names + configuration.planned.map(\.name) + configuration.measured
    }

    /// For each regressor the variance of the noise divided by that which its coefficient is expected to have; 0 for the
    /// constant and for regressors of unknown scale.
    var precisions: [Double] {
        guard configuration.shrinkage > 0 else { return [] }
        let rest = [Double](repeating: 0, count: configuration.planned.count + configuration.measured.count)
        return (drift.squaredAmplitudes + motion.squaredScales).map { configuration.shrinkage * $0 } + rest
    }

    /// The regressors of a volume; volumes come in order, some may be missing.
    /// - Parameters:
    ///   - volume: its number, the first being 0.
    ///   - motion: the position of the head.
    ///   - measured: the values of the measured regressors.
    public mutating func row(
        volume: Int,
        motion position: RigidMotion = .none,
        measured: [Double] = []
    ) throws(PreprocessingError) -> [Double] {
        guard volume >= nextVolume, volume.isPlausibleCount else {
            throw PreprocessingError(
                .input,
                "volume \(volume)",
                "does not follow volume \(nextVolume - 1); keep the order of acquisition"
            )
        }
        try check(measured, volume: volume)
        guard position.parameters.allSatisfy(\.isFinite) else {
            throw PreprocessingError(.input, "motion of volume \(volume)", "is not finite")
        }
        var row = try drift.row(volume: volume)
        for column in configuration.planned {
            guard volume < column.values.count else {
                throw PreprocessingError(
                    .input,
                    "volume \(volume)",
                    "lies outside the \(column.values.count) volumes of regressor \(column.name); plan a longer run"
                )
            }
        }
        row += motion.row(position)
        for column in configuration.planned { row.append(column.values[volume]) }
        row += measured
        nextVolume = volume + 1
        return row
    }

    /// Throws unless there is a finite number for each measured regressor.
    func check(_ measured: [Double], volume: Int) throws(PreprocessingError) {
        guard measured.count == configuration.measured.count, measured.allSatisfy(\.isFinite) else {
            throw PreprocessingError(
                .input,
                "measured regressors of volume \(volume)",
                "are \(measured); give \(configuration.measured.count) finite numbers"
            )
        }
    }

    /// Writes what the volumes so far have left.
    public func save(to state: inout StateWriter) {
        state.write([nextVolume, count])
        motion.save(to: &state)
    }

    /// Goes on from a saved state.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        let numbers = try state.integers(2)
        guard numbers[0].isPlausibleCount, numbers[1] == count else {
            throw PreprocessingError(.damagedState, "saved confounds", "do not belong to these \(count) regressors")
        }
        try motion.restore(from: &state)
        nextVolume = numbers[0]
    }
}
