import Foundation
import Preprocessing
import Tensors
import Testing

/// Designs, data and estimates of nilearn; see the fixture's README.
private struct NilearnFixture: Decodable {
    let columns: [String]
    let volumes: Int
    let repetitionTime: Double
    let voxels: Int
    let trials: Int
    let confounds: [[Double]]
    let probe: [[Double]]
    let reference: [[Double]]
    let responses: [[Float]]
    let beta: [[Double]]
    let standardError: [[Double]]
    let degreesOfFreedom: Double

    static func load() throws -> NilearnFixture {
        let url = try #require(
            Bundle.module.url(
                forResource: "nilearn",
                withExtension: "json",
                subdirectory: "Fixtures/LeastSquaresSeparate"
            )
        )
        return try JSONDecoder().decode(NilearnFixture.self, from: Data(contentsOf: url))
    }
}

@Suite("nilearn's first level model")
struct TrialNilearnTests {
    @Test("agrees with least squares separate on responses and standard errors")
    func estimates() throws {
        let truth = try NilearnFixture.load()
        let pool = ThreadPool(threads: 1)
        var separate = try LeastSquaresSeparate(
            configuration: RegressionConfiguration(regressors: truth.columns.count, voxels: truth.voxels)
        )
        for volume in 0..<truth.volumes {
            // A trial begins with the first volume at which its regressor is not zero.
            while separate.trials < truth.trials, truth.probe[separate.trials][volume] != 0 {
                _ = try separate.beginTrial()
            }
            let trials = (0..<separate.trials).map { truth.probe[$0][volume] }
            try truth.responses[volume].withUnsafeBufferPointer {
                try separate.update(confounds: truth.confounds[volume], trials: trials, responses: $0, pool: pool)
            }
        }
        #expect(separate.trials == 6)
        var worst = 0.0
        for trial in 0..<truth.trials {
            let estimate = try #require(try separate.estimate(trial: trial))
            #expect(estimate.fit.degreesOfFreedom == truth.degreesOfFreedom)
            for voxel in 0..<truth.voxels {
                let (beta, error) = (truth.beta[trial][voxel], truth.standardError[trial][voxel])
                worst = max(worst, abs(Double(estimate.beta[voxel]) - beta) / error)
                worst = max(worst, abs(Double(estimate.standardError[voxel]) - error) / error)
                #expect(agree(Double(estimate.beta[voxel]), beta, scale: 0, tolerance: 1e-4))
                #expect(agree(Double(estimate.standardError[voxel]), error, scale: 0, tolerance: 1e-4))
            }
        }
        // In units of the standard error.
        #expect(worst < 1e-5)
    }

    @Test("has confounds with which every trial is estimated as by a batch fit from early on")
    func early() throws {
        let truth = try NilearnFixture.load()
        let pool = ThreadPool(threads: 1)
        let confounds = truth.columns.count
        var separate = try LeastSquaresSeparate(
            configuration: RegressionConfiguration(regressors: confounds, voxels: truth.voxels)
        )
        for _ in 0..<truth.trials { _ = try separate.beginTrial() }
        var worst = 0.0
        for volume in 0..<truth.volumes {
            let row = truth.probe.map { $0[volume] }
            try truth.responses[volume].withUnsafeBufferPointer {
                try separate.update(confounds: truth.confounds[volume], trials: row, responses: $0, pool: pool)
            }
            guard volume >= 15, volume % 8 == 7 else { continue }
            for trial in 0..<truth.trials {
                guard let estimate = try separate.estimate(trial: trial) else { continue }
                let rows = (0...volume).map {
                    truth.confounds[$0] + [truth.probe[trial][$0], truth.reference[trial][$0]]
                }
                let fit = BatchFit(rows: rows, weights: fadingWeights(rows.count, forgetting: 1))
                #expect(estimate.fit.degreesOfFreedom == Double(rows.count - fit.rank))
                for voxel in 0..<truth.voxels {
                    let beta = fit.fit((0...volume).map { Double(truth.responses[$0][voxel]) }).coefficients[confounds]
                    let error = Double(estimate.standardError[voxel])
                    worst = max(worst, abs(Double(estimate.beta[voxel]) - beta) / max(error, abs(beta)))
                }
            }
        }
        #expect(worst < 1e-6)
    }

    @Test("has the cosines and the constant that the drift basis has")
    func drift() throws {
        let truth = try NilearnFixture.load()
        let basis = try DriftBasis(
            model: .cosine(cutoff: 100),
            volumes: truth.volumes,
            repetitionTime: truth.repetitionTime
        )
        let names = ["constant", "drift_1", "drift_2", "drift_3"]
        #expect(basis.count == names.count)
        for volume in 0..<truth.volumes {
            let row = try basis.row(volume: volume)
            for (index, name) in names.enumerated() {
                let column = try #require(truth.columns.firstIndex(of: name))
                #expect(abs(row[index] - truth.confounds[volume][column]) < 1e-9)
            }
        }
    }
}
