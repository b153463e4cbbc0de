import Tensors

/// The sum of some volumes and of their regressors, from which a fit to all volumes so far can be subtracted.
struct VolumeSum: Sendable {
    private(set) var responses: [Double]
    private(set) var row: [Double]
    private(set) var volumes = 0

    init(regressors: Int, voxels: Int) {
        responses = [Double](repeating: 0, count: voxels)
        row = [Double](repeating: 0, count: regressors)
    }

    mutating func add(row newRow: UnsafeBufferPointer<Double>, responses newResponses: UnsafeBufferPointer<Float>) {
        volumes += 1
        for index in row.indices { row[index] += newRow[index] }
        for voxel in responses.indices { responses[voxel] += Double(newResponses[voxel]) }
    }

    /// Writes mean(y) − mean(x)·β; without a regression, mean(y).
    func adjustedMean(
        regression: RecursiveRegression?,
        into result: UnsafeMutableBufferPointer<Float>,
        pool: ThreadPool
    ) throws(PreprocessingError) {
        try Self.check(result.count, "result", count: responses.count, unit: "voxels")
        let count = Double(max(1, volumes))
        guard let regression else {
            for voxel in responses.indices { result[voxel] = Float(responses[voxel] / count) }
            return
        }
        try regression.forEachPrediction(row: row.map { $0 / count }, voxels: result.count, pool: pool) { start, fits in
            for voxel in 0..<fits.count {
                result[start + voxel] = Float(responses[start + voxel] / count - fits[voxel])
            }
        }
    }

    static func check(_ found: Int, _ subject: String, count: Int, unit: String) throws(PreprocessingError) {
        guard found == count else {
            throw PreprocessingError(.input, subject, "has \(found) \(unit), not \(count)")
        }
    }

    func save(to state: inout StateWriter) {
        state.write(volumes)
        state.write(row)
        state.write(responses)
    }

    mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        let volumes = try state.integer()
        guard volumes.isPlausibleCount else {
            throw PreprocessingError(.damagedState, "saved window", "has \(volumes) volumes; it is damaged")
        }
        let row = try state.doubles(row.count)
        responses = try state.doubles(responses.count)
        (self.volumes, self.row) = (volumes, row)
    }
}
