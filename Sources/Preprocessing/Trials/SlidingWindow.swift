import Tensors

/// The mean of the latest volumes, for decoding without trials.
///
/// Confounds are subtracted with the coefficients at the time of the estimate, mean(y) − mean(x)·β.
public struct SlidingWindow: Sendable {
    /// The number k of volumes.
    public let length: Int
    /// The number of volumes so far, those that have left the window included.
    public private(set) var volumes = 0
    private let regressors: Int
    private let voxels: Int
    private var rows: [Double]
    private var responses: [Float]

    /// Starts without volumes.
    /// - Parameters:
    ///   - length: the number of volumes, 1 to 1000.
    ///   - regressors: the number of confounds, 0 to 1024.
    ///   - voxels: the number of voxels, 1 to 2²⁴.
    public init(length: Int, regressors: Int, voxels: Int) throws(PreprocessingError) {
        try RegressionConfiguration(regressors: regressors, voxels: voxels).validate()
        guard (1...1000).contains(length), length * voxels <= 1 << 31 else {
            throw PreprocessingError(
                .configuration,
                "length of the window",
                "is \(length) for \(voxels) voxels; choose 1 to 1000 and less memory"
            )
        }
        self.length = length
        self.regressors = regressors
        self.voxels = voxels
        rows = [Double](repeating: 0, count: length * regressors)
        responses = [Float](repeating: 0, count: length * voxels)
    }

    /// Whether as many volumes have come as the window holds.
    public var isFull: Bool { volumes >= length }

    /// Takes in a volume in place of the oldest one.
    public mutating func update(row: [Double], responses: UnsafeBufferPointer<Float>) throws(PreprocessingError) {
        try VolumeSum.check(row.count, "row", count: regressors, unit: "regressors")
        try VolumeSum.check(responses.count, "responses", count: voxels, unit: "voxels")
        let slot = volumes % length
        for index in 0..<regressors { rows[slot * regressors + index] = row[index] }
        for voxel in 0..<voxels { self.responses[slot * voxels + voxel] = responses[voxel] }
        volumes += 1
    }

    /// Writes the mean of the window less its confounds, and returns whether there are any volumes.
    ///
    /// The sum is taken anew, oldest volume first, so that it never drifts.
    public func estimate(
        regression: RecursiveRegression?,
        into result: UnsafeMutableBufferPointer<Float>,
        pool: ThreadPool
    ) throws(PreprocessingError) -> Bool {
        guard volumes > 0 else { return false }
        var sum = VolumeSum(regressors: regressors, voxels: voxels)
        for volume in max(0, volumes - length)..<volumes {
            let slot = volume % length
            rows.withUnsafeBufferPointer { rows in
                responses.withUnsafeBufferPointer { responses in
                    sum.add(
                        row: UnsafeBufferPointer(rebasing: rows[slot * regressors..<(slot + 1) * regressors]),
                        responses: UnsafeBufferPointer(rebasing: responses[slot * voxels..<(slot + 1) * voxels])
                    )
                }
            }
        }
        try sum.adjustedMean(regression: regression, into: result, pool: pool)
        return true
    }

    /// Writes the volumes of the window.
    public func save(to state: inout StateWriter) {
        state.write([length, volumes])
        state.write(rows)
        state.write(responses)
    }

    /// Goes on from a saved window of the same length.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        let numbers = try state.integers(2)
        guard numbers[0] == length, numbers[1].isPlausibleCount else {
            throw PreprocessingError(.damagedState, "saved window", "has \(numbers[0]) volumes, not \(length)")
        }
        let rows = try state.doubles(rows.count)
        responses = try state.floats(responses.count)
        (self.rows, volumes) = (rows, numbers[1])
    }
}
