import Preprocessing
import Tensors
import Testing

/// A run of random regressors and responses that follow them in part.
private struct Run {
    let rows: [[Double]]
    let responses: [[Float]]
    let voxels: Int

    init(volumes: Int, regressors: Int, voxels: Int, seed: UInt64, collinear: Bool = false) {
        self.voxels = voxels
        var rows = normalRows(volumes, regressors, seed: seed)
        let truth = normalRows(voxels, regressors, seed: seed + 1)
        let noise = normalRows(volumes, voxels, seed: seed + 2)
        if collinear {
            for volume in rows.indices { rows[volume][2] = 2 * rows[volume][0] - 0.5 * rows[volume][1] }
        }
        responses = rows.indices.map { volume in
            (0..<voxels).map { Float(100 + dot(rows[volume], truth[$0]) + noise[volume][$0]) }
        }
        self.rows = rows
    }

    func regression(forgetting: Double = 1, autoregression: Double = 0) throws -> RecursiveRegression {
        try RecursiveRegression(
            configuration: RegressionConfiguration(
                regressors: rows[0].count,
                voxels: voxels,
                forgetting: forgetting,
                autoregression: autoregression
            )
        )
    }

    func feed(_ volumes: Range<Int>, to regression: inout RecursiveRegression, pool: ThreadPool) throws {
        for volume in volumes {
            try responses[volume].withUnsafeBufferPointer {
                try regression.update(row: rows[volume], responses: $0, pool: pool)
            }
        }
    }
}

private let pool = ThreadPool(threads: 2)

private func state(of regression: RecursiveRegression) -> [UInt8] {
    var writer = StateWriter()
    regression.save(to: &writer)
    return writer.bytes
}

@Suite("Recursive regression")
struct RegressionTests {
    @Test(
        "equals a batch fit to the volumes so far after every volume",
        arguments: [(1.0, 0.0, false), (1, 0, true), (0.9, 0, false), (1, 0.4, false), (0.95, -0.3, true)]
    )
    func batch(forgetting: Double, autoregression: Double, collinear: Bool) throws {
        let run = Run(volumes: 30, regressors: 6, voxels: 5, seed: 11, collinear: collinear)
        var regression = try run.regression(forgetting: forgetting, autoregression: autoregression)
        for volume in run.rows.indices {
            try run.feed(volume..<volume + 1, to: &regression, pool: pool)
            let count = volume + 1
            let weights = fadingWeights(count, forgetting: forgetting)
            let fit = BatchFit(rows: whitened(Array(run.rows[..<count]), autoregression), weights: weights)
            let white = whitened(run.responses[..<count].map { $0.map(Double.init) }, autoregression)
            #expect(regression.volumes == count)
            #expect(regression.rank == fit.rank)
            #expect(agree(regression.degreesOfFreedom, dot(weights, weights) - Double(fit.rank)))
            let coefficients = try (0..<6).map { try regression.coefficients($0, pool: pool) }
            var predicted = [Float](repeating: 0, count: run.voxels)
            try predicted.withUnsafeMutableBufferPointer {
                try regression.predict(row: run.rows[volume], into: $0, pool: pool)
            }
            for voxel in 0..<run.voxels {
                let truth = fit.fit(white.indices.map { white[$0][voxel] * weights[$0] })
                let size = truth.coefficients.map(abs).max() ?? 0
                for index in 0..<6 {
                    #expect(agree(coefficients[index][voxel], truth.coefficients[index], scale: size))
                }
                let fitted = dot(run.rows[volume], truth.coefficients)
                #expect(agree(Double(predicted[voxel]), fitted, scale: 100))
                #expect(agree(regression.residualSquares[voxel], truth.residualSquares, scale: 1))
            }
        }
    }

    @Test("subtracts the fitted values, in place too")
    func residual() throws {
        let run = Run(volumes: 12, regressors: 4, voxels: 7, seed: 5)
        var regression = try run.regression()
        try run.feed(0..<12, to: &regression, pool: pool)
        var predicted = [Float](repeating: 0, count: 7)
        var values = run.responses[11]
        try predicted.withUnsafeMutableBufferPointer {
            try regression.predict(row: run.rows[11], into: $0, pool: pool)
        }
        try values.withUnsafeMutableBufferPointer {
            try regression.residual(row: run.rows[11], responses: UnsafeBufferPointer($0), into: $0, pool: pool)
        }
        for voxel in 0..<7 { #expect(abs(values[voxel] - (run.responses[11][voxel] - predicted[voxel])) < 2e-5) }
    }

    @Test("gives the same bits on any number of threads and after a restart", arguments: [0.0, 0.3])
    func restart(autoregression: Double) throws {
        let run = Run(volumes: 9, regressors: 4, voxels: 2100, seed: 3)
        var whole = try run.regression(forgetting: 0.98, autoregression: autoregression)
        try run.feed(0..<9, to: &whole, pool: ThreadPool(threads: 1))
        var first = try run.regression(forgetting: 0.98, autoregression: autoregression)
        try run.feed(0..<5, to: &first, pool: ThreadPool(threads: 3))
        var second = try run.regression(forgetting: 0.98, autoregression: autoregression)
        var reader = StateReader(state(of: first))
        try second.restore(from: &reader)
        #expect(reader.isAtEnd)
        try run.feed(5..<9, to: &second, pool: ThreadPool(threads: 2))
        #expect(state(of: whole) == state(of: second))
    }

    @Test("refuses the state of another configuration and damaged ones, and stays as it was")
    func damaged() throws {
        let run = Run(volumes: 4, regressors: 3, voxels: 6, seed: 2)
        var regression = try run.regression()
        try run.feed(0..<4, to: &regression, pool: pool)
        let before = state(of: regression)
        let other = state(of: try run.regression(forgetting: 0.5))
        for bytes in [other, Array(before.dropLast(3))] {
            var reader = StateReader(bytes)
            #expect(throws: PreprocessingError.self) { try regression.restore(from: &reader) }
            #expect(state(of: regression) == before)
        }
    }

    @Test("starts the noise model anew after missing volumes")
    func gap() throws {
        let run = Run(volumes: 8, regressors: 2, voxels: 3, seed: 9)
        var regression = try run.regression(autoregression: 0.5)
        try run.feed(0..<4, to: &regression, pool: pool)
        regression.breakSequence()
        try run.feed(4..<8, to: &regression, pool: pool)
        let rows = whitened(Array(run.rows[..<4]), 0.5) + whitened(Array(run.rows[4...]), 0.5)
        let values = run.responses.map { $0.map(Double.init) }
        let white = whitened(Array(values[..<4]), 0.5) + whitened(Array(values[4...]), 0.5)
        let truth = BatchFit(rows: rows, weights: fadingWeights(8, forgetting: 1)).fit(white.map { $0[1] })
        #expect(agree(try regression.coefficients(1, pool: pool)[1], truth.coefficients[1]))
    }

    @Test("keeps its precision where normal equations lose theirs")
    func precision() throws {
        // Columns 1, 1 + 1e-5·t: a condition number whose square is beyond what doubles resolve well.
        let noise = normalRows(200, 2, seed: 4)
        let rows = (0..<200).map { [1, 1 + 1e-5 * noise[$0][0]] }
        var regression = try RecursiveRegression(configuration: RegressionConfiguration(regressors: 2, voxels: 1))
        for row in rows {
            let response = [Float(noise[0][1]) + Float(row[1])]
            try response.withUnsafeBufferPointer { try regression.update(row: row, responses: $0, pool: pool) }
        }
        let values = rows.map { Double(Float(noise[0][1]) + Float($0[1])) }
        let truth = BatchFit(rows: rows, weights: fadingWeights(200, forgetting: 1)).fit(values)
        #expect(agree(try regression.coefficients(1, pool: pool)[0], truth.coefficients[1]))
    }

    @Test("stays exact over thousands of volumes, also when a regressor fades away", arguments: [1.0, 0.9])
    func long(forgetting: Double) throws {
        let count = 8000
        var rows = normalRows(count, 3, seed: 12).map { [1] + $0 }
        // A pulse that forgetting lets sink below the smallest number.
        for volume in rows.indices { rows[volume][2] = volume == 5 ? 1 : 0 }
        let responses = normalRows(count, 1, seed: 13).map { [Float(1000 + $0[0])] }
        var regression = try RecursiveRegression(
            configuration: RegressionConfiguration(regressors: 4, voxels: 1, forgetting: forgetting)
        )
        for volume in rows.indices {
            try responses[volume].withUnsafeBufferPointer {
                try regression.update(row: rows[volume], responses: $0, pool: pool)
            }
        }
        let weights = fadingWeights(count, forgetting: forgetting)
        let fit = BatchFit(rows: rows, weights: weights)
        let truth = fit.fit(rows.indices.map { Double(responses[$0][0]) * weights[$0] })
        for index in [0, 1, 3] {
            #expect(
                agree(try regression.coefficients(index, pool: pool)[0], truth.coefficients[index], tolerance: 1e-9)
            )
        }
        #expect(try regression.coefficients(2, pool: pool)[0].isFinite)
        #expect(agree(regression.residualSquares[0], truth.residualSquares, tolerance: 1e-9))
        #expect(regression.rank == (forgetting == 1 ? 4 : 3))
    }

    @Test("refuses settings, rows and responses that do not fit")
    func errors() throws {
        for configuration in [
            RegressionConfiguration(regressors: -1, voxels: 1), RegressionConfiguration(regressors: 1, voxels: 0),
            RegressionConfiguration(regressors: 1024, voxels: 1 << 24),
            RegressionConfiguration(regressors: 1, voxels: 1, forgetting: 0),
            RegressionConfiguration(regressors: 1, voxels: 1, autoregression: 1),
            RegressionConfiguration(regressors: 1, voxels: 1, tolerance: .nan),
        ] {
            #expect(throws: PreprocessingError.self) { try RecursiveRegression(configuration: configuration) }
        }
        var regression = try RecursiveRegression(configuration: RegressionConfiguration(regressors: 2, voxels: 2))
        for (row, values) in [([1.0], [Float](repeating: 0, count: 2)), ([1, 1], [0]), ([1, .nan], [0, 0])] {
            #expect(throws: PreprocessingError.self) {
                try values.withUnsafeBufferPointer { try regression.update(row: row, responses: $0, pool: pool) }
            }
        }
        #expect(throws: PreprocessingError.self) { try regression.coefficients(2, pool: pool) }
        #expect(regression.volumes == 0)
    }
}
