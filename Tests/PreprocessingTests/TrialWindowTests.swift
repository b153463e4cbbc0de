import Preprocessing
import Tensors
import Testing

private let pool = ThreadPool(threads: 2)

private func estimate(_ voxels: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Bool) rethrows -> [Float]? {
    var result = [Float](repeating: 0, count: voxels)
    let isThere = try result.withUnsafeMutableBufferPointer { try body($0) }
    return isThere ? result : nil
}

@Suite("Window means")
struct TrialWindowTests {
    private let rows = normalRows(20, 2, seed: 31).map { [1] + $0 }
    private let responses = normalRows(20, 5, seed: 32).map { $0.map { Float(100 + 10 * $0) } }

    private func regression(_ volumes: Int) throws -> RecursiveRegression {
        var regression = try RecursiveRegression(configuration: RegressionConfiguration(regressors: 3, voxels: 5))
        for volume in 0..<volumes {
            try responses[volume].withUnsafeBufferPointer {
                try regression.update(row: rows[volume], responses: $0, pool: pool)
            }
        }
        return regression
    }

    /// The mean residual of some volumes after a batch fit to the first `count`.
    private func truth(_ volumes: [Int], fittedTo count: Int) -> [Double] {
        let fit = BatchFit(rows: Array(rows[..<count]), weights: fadingWeights(count, forgetting: 1))
        return (0..<5).map { voxel in
            let coefficients = fit.fit((0..<count).map { Double(responses[$0][voxel]) }).coefficients
            let residuals = volumes.map { Double(responses[$0][voxel]) - dot(rows[$0], coefficients) }
            return residuals.reduce(0, +) / Double(volumes.count)
        }
    }

    @Test("take the volumes acquired in the window, less the confounds as fitted by now")
    func window() throws {
        var mean = try WindowMean(
            onset: 2.4,
            window: ResponseWindow(delay: 3.2, duration: 3.2),
            regressors: 3,
            voxels: 5
        )
        #expect(try estimate(5) { try mean.estimate(regression: nil, into: $0, pool: pool) } == nil)
        var taken: [Int] = []
        for volume in 0..<20 {
            let isIn = try responses[volume].withUnsafeBufferPointer {
                try mean.update(time: Double(volume) * 0.8, row: rows[volume], responses: $0)
            }
            if isIn { taken.append(volume) }
        }
        // From 5.6 s, included, to 8.8 s, excluded, although 0.8 is no binary fraction.
        #expect(taken == [7, 8, 9, 10] && mean.volumes == 4)
        #expect(!mean.isOver(at: 8) && mean.isOver(at: 11 * 0.8))
        for count in [11, 20] {
            let regression = try regression(count)
            let found = try #require(
                try estimate(5) { try mean.estimate(regression: regression, into: $0, pool: pool) }
            )
            for (a, b) in zip(found, truth(taken, fittedTo: count)) { #expect(abs(Double(a) - b) < 1e-5) }
        }
        let plain = try #require(try estimate(5) { try mean.estimate(regression: nil, into: $0, pool: pool) })
        #expect(abs(plain[2] - taken.map { responses[$0][2] }.reduce(0, +) / 4) < 1e-4)
        var writer = StateWriter()
        mean.save(to: &writer)
        var restored = try WindowMean(onset: 2.4, window: mean.window, regressors: 3, voxels: 5)
        var reader = StateReader(writer.bytes)
        try restored.restore(from: &reader)
        #expect(try estimate(5) { try restored.estimate(regression: nil, into: $0, pool: pool) } == plain)
        var other = try WindowMean(onset: 2.5, window: mean.window, regressors: 3, voxels: 5)
        reader = StateReader(writer.bytes)
        #expect(throws: PreprocessingError.self) { try other.restore(from: &reader) }
    }

    @Test("slide over the latest volumes")
    func sliding() throws {
        var window = try SlidingWindow(length: 3, regressors: 3, voxels: 5)
        #expect(try estimate(5) { try window.estimate(regression: nil, into: $0, pool: pool) } == nil)
        for volume in 0..<12 {
            try responses[volume].withUnsafeBufferPointer { try window.update(row: rows[volume], responses: $0) }
            #expect(window.isFull == (volume >= 2))
            var writer = StateWriter()
            window.save(to: &writer)
            window = try SlidingWindow(length: 3, regressors: 3, voxels: 5)
            var reader = StateReader(writer.bytes)
            try window.restore(from: &reader)
            let regression = try regression(volume + 1)
            let found = try #require(
                try estimate(5) { try window.estimate(regression: regression, into: $0, pool: pool) }
            )
            let expected = truth(Array(max(0, volume - 2)...volume), fittedTo: volume + 1)
            for (a, b) in zip(found, expected) { #expect(abs(Double(a) - b) < 1e-5) }
        }
    }

    @Test("of repeats are plain or weighed by the inverse variance")
    func repeats() throws {
        var plain = try RepeatAverage(voxels: 2)
        var weighted = try RepeatAverage(voxels: 2, weighting: .inverseVariance)
        #expect(plain.standardError == [.infinity, .infinity] && weighted.standardError == [.infinity, .infinity])
        for (beta, error) in [([Float(1), 4], [Float(1), 2]), ([3, 8], [0.5, .infinity]), ([5, 0], [1, 2])] {
            try beta.withUnsafeBufferPointer { beta in
                try error.withUnsafeBufferPointer { error in
                    try plain.add(beta: beta, standardError: error)
                    try weighted.add(beta: beta, standardError: error)
                }
            }
        }
        #expect(plain.repeats == 3 && plain.beta == [3, 4])
        #expect(plain.standardError == [0.5, .infinity])  // √(1 + ¼ + 1)/3
        // (1·1 + 4·3 + 1·5)/6 = 3 and 1/√6; (4/4 + 0/4)/(1/2) = 2 and √2.
        #expect(abs(weighted.beta[0] - 3) < 1e-6 && abs(weighted.beta[1] - 2) < 1e-6)
        #expect(abs(weighted.standardError[0] - 0.408248290) < 1e-6)
        #expect(abs(weighted.standardError[1] - 1.414213562) < 1e-6)
        var writer = StateWriter()
        weighted.save(to: &writer)
        var reader = StateReader(writer.bytes)
        #expect(throws: PreprocessingError.self) { try plain.restore(from: &reader) }
        var restored = try RepeatAverage(voxels: 2, weighting: .inverseVariance)
        reader = StateReader(writer.bytes)
        try restored.restore(from: &reader)
        #expect(restored.beta == weighted.beta && restored.standardError == weighted.standardError)
    }

    @Test("refuse settings and input that do not fit")
    func errors() throws {
        let window = ResponseWindow(delay: 4, duration: 0)
        #expect(throws: PreprocessingError.self) {
            try WindowMean(onset: 0, window: window, regressors: 0, voxels: 1)
        }
        #expect(throws: PreprocessingError.self) { try SlidingWindow(length: 0, regressors: 0, voxels: 1) }
        #expect(throws: PreprocessingError.self) { try SlidingWindow(length: 1, regressors: 0, voxels: -1) }
        #expect(throws: PreprocessingError.self) { try RepeatAverage(voxels: 0) }
        var sliding = try SlidingWindow(length: 2, regressors: 0, voxels: 2)
        #expect(throws: PreprocessingError.self) {
            try [Float(1)].withUnsafeBufferPointer { try sliding.update(row: [], responses: $0) }
        }
    }
}
