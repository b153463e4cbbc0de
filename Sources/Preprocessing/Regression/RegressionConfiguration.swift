/// The size and the noise model of a regression that takes one volume at a time.
public struct RegressionConfiguration: Sendable, Equatable, Codable {
    /// The number of regressors: 0 to 1024.
    public var regressors: Int
    /// The number of voxels: 1 to 2²⁴.
    public var voxels: Int
    /// The weight λ of a volume relative to the next one, in (0, 1]; 1 weighs all volumes alike.
    public var forgetting: Double
    /// The correlation ρ of the noise of neighbouring volumes, in (−1, 1); 0 for white noise.
    public var autoregression: Double
    /// The part of a regressor's norm below which what earlier regressors leave of it counts as rounding.
    public var tolerance: Double
    /// For each regressor the variance of the noise divided by the one that its coefficient is expected to have around 0.
    ///
    /// From 0; least squares become those of Bayesian or ridge regression. Empty for ordinary ones.
    public var precisions: [Double]

    /// Describes a regression.
    public init(
        regressors: Int,
        voxels: Int,
        forgetting: Double = 1,
        autoregression: Double = 0,
        tolerance: Double = 1e-9,
        precisions: [Double] = []
    ) {
        self.regressors = regressors
        self.voxels = voxels
        self.forgetting = forgetting
        self.autoregression = autoregression
        self.tolerance = tolerance
        self.precisions = precisions
    }

    /// Throws if a number is out of its range; it may come from a file.
    func validate() throws(PreprocessingError) {
        func check(_ valid: Bool, _ subject: String, _ detail: String) throws(PreprocessingError) {
            if !valid { throw PreprocessingError(.configuration, subject, detail) }
        }
        try check((0...1024).contains(regressors), "regressors", "is \(regressors); choose 0 to 1024")
        try check((1...(1 << 24)).contains(voxels), "voxels", "is \(voxels); choose 1 to \(1 << 24)")
        try check(
            regressors * voxels <= 1 << 31,
            "regressors",
            "times voxels is \(regressors * voxels); reduce one of them to stay below \(1 << 31)"
        )
        try check(forgetting > 0 && forgetting <= 1, "forgetting", "is \(forgetting); choose above 0 and at most 1")
        try check(abs(autoregression) < 1, "autoregression", "is \(autoregression); choose between −1 and 1")
        try check(
            precisions.isEmpty || precisions.count == regressors && precisions.allSatisfy { $0 >= 0 && $0.isFinite },
            "precisions",
            "are \(precisions.count); give a finite number from 0 for each of \(regressors) regressors, or none"
        )
        try check(tolerance > 0 && tolerance < 0.1, "tolerance", "is \(tolerance); choose between 0 and 0.1")
    }

    /// Throws unless a row has `count` finite numbers.
    static func check(_ row: [Double], _ subject: String, count: Int) throws(PreprocessingError) {
        guard row.count == count else {
            throw PreprocessingError(.input, subject, "has \(row.count) numbers, not \(count); give one per regressor")
        }
        for (index, value) in row.enumerated() where !value.isFinite {
            throw PreprocessingError(.input, subject, "number \(index) is \(value); give finite numbers")
        }
    }

    /// Throws unless there is one value for each voxel.
    func check(_ count: Int, _ subject: String) throws(PreprocessingError) {
        guard count == voxels else {
            throw PreprocessingError(.geometry, subject, "has \(count) voxels, not \(voxels)")
        }
    }

    /// Writes everything that a saved state depends on.
    func save(to state: inout StateWriter) {
        state.write([regressors, voxels])
        state.write([forgetting, autoregression, tolerance] + precisions)
    }

    /// Throws if a saved state belongs to another configuration.
    func check(_ state: inout StateReader) throws(PreprocessingError) {
        let sizes = try state.integers(2)
        let numbers = try state.doubles(3 + precisions.count)
        guard sizes == [regressors, voxels], numbers == [forgetting, autoregression, tolerance] + precisions else {
            throw PreprocessingError(
                .damagedState,
                "saved regression",
                "has \(sizes[0]) regressors, \(sizes[1]) voxels, forgetting \(numbers[0]), autoregression "
                    + "\(numbers[1]) and tolerance \(numbers[2]); restore it with the configuration of its run"
            )
        }
    }
}
