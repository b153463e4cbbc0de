import Foundation
import Neuroimaging
import Preprocessing
import Tensors
import Testing

/// Confounds that are taken to be small until volumes show more.
@Suite("Shrinkage of confounds")
struct ShrinkageTests {
    private let pool = ThreadPool(threads: 1)
    private let precisions = [0, 4, 0.25, 9]

    /// Rows of a constant and three regressors.
    private func rows(_ volumes: Int) -> [[Double]] { normalRows(volumes, 3, seed: 5).map { [1] + $0 } }

    /// A row for each precision, of its square root, with a response of 0.
    private func prior(columns: Int) -> [[Double]] {
        precisions.indices.filter { precisions[$0] > 0 }.map { index in
            (0..<columns).map { $0 == index ? precisions[index].squareRoot() : 0 }
        }
    }

    private func ones(_ count: Int) -> [Double] { [Double](repeating: 1, count: count) }

    @Test("makes coefficients those of a ridge regression, at every volume from the first")
    func regression() throws {
        let (rows, values) = (rows(12), normalRows(12, 1, seed: 8))
        var regression = try RecursiveRegression(
            configuration: RegressionConfiguration(regressors: 4, voxels: 1, precisions: precisions)
        )
        for volume in rows.indices {
            try [Float(values[volume][0])].withUnsafeBufferPointer {
                try regression.update(row: rows[volume], responses: $0, pool: pool)
            }
            let fit = BatchFit(rows: prior(columns: 4) + rows[...volume], weights: ones(volume + 4))
            let truth = fit.fit([0, 0, 0] + values[...volume].map { Double(Float($0[0])) })
            for index in 0..<4 {
                let coefficient = try regression.coefficients(index, pool: pool)[0]
                #expect(agree(coefficient, truth.coefficients[index], scale: 1), "volume \(volume), \(index)")
            }
            // The constant alone takes a degree of freedom: each of the others brought one along.
            #expect(agree(regression.degreesOfFreedom, Double(volume)))
        }
    }

    @Test("leaves responses to trials as they are, but for what confounds take from them: a batch ridge regression")
    func separate() throws {
        let (rows, values) = (rows(16), normalRows(16, 1, seed: 9))
        func fading(from onset: Int) -> [Double] {
            (0..<16).map { volume in volume < onset ? 0 : exp(-Double(volume - onset) / 2) }
        }
        let (own, others) = (fading(from: 3), fading(from: 7))
        var separate = try LeastSquaresSeparate(
            configuration: RegressionConfiguration(regressors: 4, voxels: 1, precisions: precisions)
        )
        for volume in rows.indices {
            if volume == 3 || volume == 7 { _ = try separate.beginTrial() }
            let trials = [own[volume], others[volume]].prefix(separate.trials)
            try [Float(values[volume][0])].withUnsafeBufferPointer {
                try separate.update(confounds: rows[volume], trials: Array(trials), responses: $0, pool: pool)
            }
        }
        let design = rows.indices.map { rows[$0] + [own[$0], others[$0]] }
        let fit = BatchFit(rows: prior(columns: 6) + design, weights: ones(19))
        let truth = fit.fit([0, 0, 0] + values.map { Double(Float($0[0])) })
        let estimate = try #require(try separate.estimate(trial: 0))
        #expect(agree(Double(estimate.beta[0]), truth.coefficients[4], scale: 1))
    }

    @Test("is none in settings that were written before there was any, and 10 by default")
    func settings() throws {
        let text = #"{"drift": {"constant": {}}, "motion": "six", "planned": [], "measured": []}"#
        let old = try JSONDecoder().decode(ConfoundConfiguration.self, from: Data(text.utf8))
        #expect(old.shrinkage == 0)
        let usual = ProcessingConfiguration(repetitionTime: 2, plannedVolumes: 100).confounds
        #expect(usual.shrinkage == 10)
        let again = try JSONDecoder().decode(ConfoundConfiguration.self, from: JSONEncoder().encode(usual))
        #expect(again == usual)
    }

    @Test("of less than 0 is refused")
    func refused() {
        #expect(throws: PreprocessingError.self) {
            try ConfoundModel(configuration: ConfoundConfiguration(shrinkage: -1), volumes: 10, repetitionTime: 2)
        }
    }
}
