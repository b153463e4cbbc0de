import Foundation
import Preprocessing
import Tensors
import Testing

/// A run of overlapping trials of an event-like response.
private struct TrialRun {
    static let onsets = [3, 9, 13, 20, 28]
    let confounds: [[Double]]
    let responses: [[Float]]
    let voxels: Int
    let volumes: Int

    init(volumes: Int, confounds: Int, voxels: Int, seed: UInt64) {
        self.voxels = voxels
        self.volumes = volumes
        let rows = normalRows(volumes, confounds, seed: seed).map { [1] + $0 }
        let truth = normalRows(voxels, confounds + 1, seed: seed + 1)
        let amplitudes = normalRows(voxels, Self.onsets.count, seed: seed + 2)
        let noise = normalRows(volumes, voxels, seed: seed + 3)
        responses = (0..<volumes).map { volume in
            let trials = Self.onsets.indices.map { Self.regressor($0, volume) }
            return (0..<voxels).map { voxel in
                let signal = dot(rows[volume], truth[voxel]) + 5 * dot(trials, amplitudes[voxel])
                return Float(50 + signal + noise[volume][voxel])
            }
        }
        self.confounds = rows
    }

    /// A response that starts at zero, peaks three volumes later and fades.
    static func regressor(_ trial: Int, _ volume: Int) -> Double {
        let delay = Double(max(0, volume - onsets[trial]))
        return delay * delay * exp(-delay / 1.5)
    }

    func separate(_ noise: Noise = Noise(), capacity: Int = 2) throws -> LeastSquaresSeparate {
        try LeastSquaresSeparate(
            configuration: RegressionConfiguration(
                regressors: confounds[0].count,
                voxels: voxels,
                forgetting: noise.forgetting,
                autoregression: noise.autoregression
            ),
            trialCapacity: capacity
        )
    }

    func feed(_ range: Range<Int>, to separate: inout LeastSquaresSeparate, pool: ThreadPool) throws {
        for volume in range {
            while separate.trials < Self.onsets.count, Self.onsets[separate.trials] == volume {
                _ = try separate.beginTrial()
            }
            let trials = (0..<separate.trials).map { Self.regressor($0, volume) }
            try responses[volume].withUnsafeBufferPointer {
                try separate.update(confounds: confounds[volume], trials: trials, responses: $0, pool: pool)
            }
        }
    }

    /// The design of a trial at a volume: confounds, the trial, the sum of the others that have begun.
    func design(_ trial: Int, begun: Int, volumes: Int) -> [[Double]] {
        (0..<volumes).map { volume in
            let values = (0..<begun).map { Self.regressor($0, volume) }
            return confounds[volume] + [values[trial], values.reduce(0, +) - values[trial]]
        }
    }
}

/// A noise model.
struct Noise: Sendable {
    var forgetting = 1.0
    var autoregression = 0.0
}

private let pool = ThreadPool(threads: 2)

private func state(of separate: LeastSquaresSeparate) -> [UInt8] {
    var writer = StateWriter()
    separate.save(to: &writer)
    return writer.bytes
}

@Suite("Least squares separate")
struct TrialSeparateTests {
    @Test(
        "equals a batch fit of each trial to the volumes so far after every volume",
        arguments: [
            Noise(), Noise(forgetting: 0.95), Noise(autoregression: 0.4), Noise(forgetting: 0.98, autoregression: -0.2),
        ]
    )
    func batch(noise: Noise) throws {
        let run = TrialRun(volumes: 40, confounds: 3, voxels: 4, seed: 21)
        var separate = try run.separate(noise)
        var compared = 0
        for volume in 0..<run.volumes {
            try run.feed(volume..<volume + 1, to: &separate, pool: pool)
            for trial in 0..<separate.trials {
                compared += try compare(run, separate, trial: trial, noise: noise)
            }
        }
        // Every trial from the volume after its onset, and from the sixth volume, where four confounds leave room.
        let expected = TrialRun.onsets.map { run.volumes - 1 - max($0, 3) }.reduce(0, +)
        #expect(compared >= expected - 5)
    }

    private func compare(_ run: TrialRun, _ separate: LeastSquaresSeparate, trial: Int, noise: Noise) throws -> Int {
        let count = separate.volumes
        let weights = fadingWeights(count, forgetting: noise.forgetting)
        let rows = run.design(trial, begun: separate.trials, volumes: count)
        let fit = BatchFit(rows: whitened(rows, noise.autoregression), weights: weights)
        let values = whitened(run.responses[..<count].map { $0.map(Double.init) }, noise.autoregression)
        let column = run.confounds[0].count
        guard let estimate = try separate.estimate(trial: trial) else {
            // Not determined: the trial, or its difference from the others, lies in the space of the confounds.
            #expect(!fit.pivots.contains(column) || fit.rank == count)
            return 0
        }
        let degrees = dot(weights, weights) - Double(fit.rank)
        #expect(abs(estimate.fit.degreesOfFreedom - degrees) < 1e-9)
        #expect(estimate.fit.volumes == count)
        for voxel in 0..<run.voxels {
            let truth = fit.fit(values.indices.map { values[$0][voxel] * weights[$0] })
            #expect(agree(Double(estimate.beta[voxel]), truth.coefficients[column], scale: 0))
            if degrees > 0.5 {
                let error = (truth.residualSquares / degrees * fit.inverseDiagonal(column)).squareRoot()
                #expect(agree(Double(estimate.standardError[voxel]), error, scale: 0))
            } else if degrees < -0.1 {
                #expect(estimate.standardError[voxel] == .infinity)
            }
        }
        return 1
    }

    @Test("gives the same bits on any number of threads and after a restart")
    func restart() throws {
        let run = TrialRun(volumes: 24, confounds: 2, voxels: 2060, seed: 8)
        let noise = Noise(forgetting: 0.99, autoregression: 0.3)
        var whole = try run.separate(noise)
        try run.feed(0..<24, to: &whole, pool: ThreadPool(threads: 1))
        var first = try run.separate(noise)
        try run.feed(0..<11, to: &first, pool: ThreadPool(threads: 3))
        var second = try run.separate(noise)
        var reader = StateReader(state(of: first))
        try second.restore(from: &reader)
        #expect(reader.isAtEnd && second.trials == 2)
        try run.feed(11..<24, to: &second, pool: ThreadPool(threads: 2))
        #expect(state(of: whole) == state(of: second))
        #expect(try whole.estimate(trial: 1) == second.estimate(trial: 1))
    }

    @Test("does not depend on volumes to come, nor on a trial that has only just begun")
    func causality() throws {
        let run = TrialRun(volumes: 30, confounds: 2, voxels: 3, seed: 6)
        var separate = try run.separate()
        try run.feed(0..<18, to: &separate, pool: pool)
        let before = try separate.estimate(trial: 1)
        _ = try separate.beginTrial()
        #expect(try separate.estimate(trial: 1) == before)
        #expect(try separate.estimate(trial: 3) == nil)
        var short = try run.separate(capacity: 128)
        try run.feed(0..<18, to: &short, pool: pool)
        #expect(try short.estimate(trial: 1) == before)
    }

    @Test("grows beyond its planned capacity, and works without confounds")
    func capacity() throws {
        let configuration = RegressionConfiguration(regressors: 0, voxels: 2)
        var separate = try LeastSquaresSeparate(configuration: configuration, trialCapacity: 0)
        for trial in 0..<20 {
            #expect(try separate.beginTrial() == trial)
            let row = (0...trial).map { $0 == trial ? 1.0 : 0 }
            let values = [Float(trial), Float(-2 * trial)]
            try values.withUnsafeBufferPointer {
                try separate.update(confounds: [], trials: row, responses: $0, pool: pool)
            }
        }
        // Each trial has a volume of its own, so its coefficient is that volume.
        for trial in 0..<20 {
            let estimate = try #require(try separate.estimate(trial: trial))
            #expect(estimate.beta.elementsEqual([Float(trial), Float(-2 * trial)]) { abs($0 - $1) < 1e-4 })
            #expect(estimate.fit.degreesOfFreedom == 18)
        }
    }

    @Test("refuses input and states that do not fit")
    func errors() throws {
        let run = TrialRun(volumes: 12, confounds: 2, voxels: 3, seed: 1)
        var separate = try run.separate()
        try run.feed(0..<12, to: &separate, pool: pool)
        let before = state(of: separate)
        for (confounds, trials, values) in [
            ([1.0], [1.0, 1], [Float](repeating: 0, count: 3)), ([1, 1, 1], [1], [0, 0, 0]),
            ([1, 1, 1], [1, .nan], [0, 0, 0]), ([1, 1, 1], [1, 1], [0, 0]),
        ] {
            #expect(throws: PreprocessingError.self) {
                try values.withUnsafeBufferPointer {
                    try separate.update(confounds: confounds, trials: trials, responses: $0, pool: pool)
                }
            }
        }
        #expect(throws: PreprocessingError.self) { try separate.estimate(trial: 2) }
        #expect(throws: PreprocessingError.self) { try run.separate(capacity: 1 << 40) }
        for bytes in [Array(before.dropLast()), state(of: try run.separate(Noise(forgetting: 0.5)))] {
            var reader = StateReader(bytes)
            #expect(throws: PreprocessingError.self) { try separate.restore(from: &reader) }
        }
        #expect(state(of: separate) == before)
    }
}
