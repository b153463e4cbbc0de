import Foundation
import Preprocessing
import Testing

private func standardized(_ step: VoxelStandardization, _ values: [Float]) throws -> [Float]? {
    var result = [Float](repeating: -1, count: values.count)
    let isReady = try values.withUnsafeBufferPointer { values in
        try result.withUnsafeMutableBufferPointer { try step.standardize(values, into: $0) }
    }
    #expect(isReady || result.allSatisfy { $0 == 0 })
    return isReady ? result : nil
}

private func include(_ values: [Float], in step: inout VoxelStandardization) throws {
    try values.withUnsafeBufferPointer { try step.include($0) }
}

@Suite("Standardization of voxels")
struct TrialStandardizationTests {
    private let prior = VoxelPrior(
        statistics: VoxelStatistics(means: [10, 0], deviations: [2, 1]),
        meanStrength: 4,
        varianceStrength: 3
    )

    @Test("uses earlier trials alone, and waits for two of them")
    func plain() throws {
        var step = try VoxelStandardization(voxels: 2)
        #expect(try standardized(step, [1, 1]) == nil)
        try include([1, 5], in: &step)
        #expect(try standardized(step, [1, 1]) == nil)
        #expect(step.statistics == nil)
        try include([3, 5], in: &step)
        #expect(step.isReady)
        // Mean 2 and variance 2; a constant voxel stays finite.
        let result = try #require(try standardized(step, [4, 5]))
        #expect(abs(result[0] - 1.41421356) < 1e-6 && result[1] == 0)
        #expect(step.trials == 2)
    }

    @Test("includes the current trial on request")
    func current() throws {
        var step = try VoxelStandardization(voxels: 1, includesCurrent: true)
        try include([1], in: &step)
        let result = try #require(try standardized(step, [3]))
        #expect(abs(result[0] - 0.707106781) < 1e-6)
        #expect(step.trials == 1)
    }

    @Test("starts from the prior and shrinks toward it as the conjugate posterior does")
    func shrinkage() throws {
        var step = try VoxelStandardization(voxels: 2, prior: prior)
        #expect(try standardized(step, [14, -1]) == [2, -1])
        for values: [Float] in [[12, 1], [16, 1], [14, 1]] { try include(values, in: &step) }
        let found = try #require(step.statistics)
        // n = 3, m = 14, (n − 1)s² = 8: mean (40 + 42)/7; variance (12 + 8 + 12/7·16)/6.
        #expect(abs(found.means[0] - 82.0 / 7) < 1e-12)
        #expect(abs(found.deviations[0] * found.deviations[0] - (20 + 192.0 / 7) / 6) < 1e-12)
        // m = 1, s = 0: mean 3/7; variance (3 + 12/7)/6.
        #expect(abs(found.means[1] - 3.0 / 7) < 1e-12)
        #expect(abs(found.deviations[1] * found.deviations[1] - (3 + 12.0 / 7) / 6) < 1e-12)
        let result = try #require(try standardized(step, [20, 0]))
        #expect(abs(Double(result[0]) - (20 - found.means[0]) / found.deviations[0]) < 1e-6)
    }

    @Test("takes trials one by one as the posterior takes them at once")
    func sequential() throws {
        // The posterior after four trials is the prior of the others, worth four trials more.
        let trials: [Float] = [3, 7, 4, 9, 2, 6]
        var whole = try VoxelStandardization(voxels: 2, prior: prior)
        var first = whole
        for value in trials { try include([value, value], in: &whole) }
        for value in trials[..<4] { try include([value, value], in: &first) }
        let learned = try #require(first.statistics)
        var second = try VoxelStandardization(
            voxels: 2,
            prior: VoxelPrior(statistics: learned, meanStrength: 4 + 4, varianceStrength: 3 + 4)
        )
        for value in trials[4...] { try include([value, value], in: &second) }
        let (a, b) = (try #require(whole.statistics), try #require(second.statistics))
        for voxel in 0..<2 {
            #expect(abs(a.means[voxel] - b.means[voxel]) < 1e-12)
            #expect(abs(a.deviations[voxel] - b.deviations[voxel]) < 1e-12)
        }
    }

    @Test("approaches the trials' own statistics as they become many, also far from zero")
    func many() throws {
        let values = normalRows(400, 1, seed: 17).map { 1e6 + 3 * $0[0] }.map { Double(Float($0)) }
        var plain = try VoxelStandardization(voxels: 1)
        for value in values { try include([Float(value)], in: &plain) }
        let mean = values.reduce(0, +) / 400
        let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 399
        let found = try #require(plain.statistics)
        #expect(abs(found.means[0] - mean) < 1e-7)
        #expect(abs(found.deviations[0] - variance.squareRoot()) < 1e-8)
    }

    @Test("uses prior variances with means of the run where prior means count for nothing")
    func varianceOnly() throws {
        var prior = prior
        prior.meanStrength = 0
        var step = try VoxelStandardization(voxels: 2, prior: prior)
        #expect(try standardized(step, [1, 1]) == nil)
        try include([5, 5], in: &step)
        // One trial says nothing of the variance: 3·4/(3 + 1 − 1) = 4.
        #expect(try standardized(step, [9, 7]) == [2, 2])
    }

    @Test("goes on after a restart, and refuses what does not fit")
    func restart() throws {
        var step = try VoxelStandardization(voxels: 2, prior: prior)
        try include([1, 2], in: &step)
        var writer = StateWriter()
        step.save(to: &writer)
        var restored = try VoxelStandardization(voxels: 2, prior: prior)
        var reader = StateReader(writer.bytes)
        try restored.restore(from: &reader)
        try include([4, 4], in: &step)
        try include([4, 4], in: &restored)
        #expect(step.statistics == restored.statistics)
        var other = try VoxelStandardization(voxels: 3)
        reader = StateReader(writer.bytes)
        #expect(throws: PreprocessingError.self) { try other.restore(from: &reader) }
        #expect(throws: PreprocessingError.self) { try include([1], in: &step) }
        #expect(throws: PreprocessingError.self) { try VoxelStandardization(voxels: 3, prior: prior) }
        #expect(throws: PreprocessingError.self) { try VoxelStandardization(voxels: 1, minimumDeviation: 0) }
        var damaged = prior
        damaged.statistics.deviations[0] = -1
        #expect(throws: PreprocessingError.self) { try VoxelStandardization(voxels: 2, prior: damaged) }
        let copy = try JSONDecoder().decode(VoxelPrior.self, from: JSONEncoder().encode(prior))
        #expect(copy == prior)
    }
}
