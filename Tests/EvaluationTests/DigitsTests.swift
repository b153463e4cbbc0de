import Foundation
import Images
import SharedMaterial
import Tensors
import Testing
import Weights

@testable import Evaluation

/// Responses to handwritten digits (van Gerven and others, 2010), beside what an independent program, NumPy, found.
@Suite("Baselines on measured brains", .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"))
struct DigitsTests {
    private let training: Baseline.Training
    private let test: Baseline.Training
    private let classes: [Int]

    init() throws {
        let archive = try NPZ(path: SharedMaterial.url("data/digits69/digits69.npz").path)
        func part(_ name: String) throws -> Baseline.Training {
            let array = try archive.array("image_\(name)")
            let pixels = try array.integers().map { UInt8($0) }
            let images = (0..<array.shape[0]).map { index in
                Image8(height: 28, width: 28, bytes: pixels[index * 784..<(index + 1) * 784].flatMap { [$0, $0, $0] })
            }
            return Baseline.Training(patterns: Tensor(try archive.array("fmri_\(name)")), images: images)
        }
        training = try part("train")
        test = try part("test")
        classes = try archive.array("digit_train").integers() + archive.array("digit_test").integers()
    }

    private var options: Evaluator.Options {
        var options = Evaluator.Options()
        (options.resamples, options.permutations) = (200, 200)
        options.similarityLimit = 0
        return options
    }

    private func scores(
        _ images: [FloatImage],
        of originals: [Image8],
        classes: [Int],
        groups: [Int]? = nil
    ) throws -> MethodScores {
        let names = originals.indices.map { "trial \($0)" }
        let items = EvaluationItems(names: names, originals: originals, classes: classes, groups: groups)
        let method = Reconstructions(identifier: "ridge", title: "Ridge", isSubject: true, samples: [images])
        return try Evaluator(items: items, options: options).evaluate([method]).methods[0]
    }

    /// On the published split NumPy gives a correlation of 0.787 to 0.791, an error of 0.0377 to 0.0384 and an
    /// identification of 0.933 or 0.944 (84 or 85 of 90 pairs), by the grid of penalties and whether values are limited to
    /// 0…1.
    @Test("Ridge regression to pixels reaches the published split's figures")
    func split() throws {
        let ridge = try #require(try Baseline.ridgePixels.reconstruct(test.patterns, training: training))
        let found = try scores(ridge.images, of: test.images, classes: Array(classes.suffix(10)))
        let correlation = try #require(found[.correlation]).value
        let error = try #require(found[.squaredError]).value
        let identification = try #require(found[.identification]).value
        #expect(correlation > 0.786 && correlation < 0.792, "\(correlation)")
        #expect(error > 0.0375 && error < 0.0386, "\(error)")
        #expect(identification > 0.921 && identification < 0.956, "\(identification)")
    }

    /// The bounds are what NumPy gives over 20 splits, with half its span on each side.
    ///
    /// It gives a correlation of 0.734 to 0.742, of pairs among all trials 0.893 to 0.904 and within the digit 0.816 to
    /// 0.830, of pairs within a fold 0.903 to 0.937 and 0.820 to 0.888, and 0.07 to 0.11 of trials first.
    @Test("In stratified tenfold cross-validation it reaches the figures of another program")
    func crossValidation() throws {
        let all = Baseline.Training(
            patterns: Tensor(training.patterns.elements + test.patterns.elements, shape: [100, 3092]),
            images: training.images + test.images
        )
        let split = StratifiedFolds(classes: classes, count: 10, seed: 0)
        let ridge = try #require(try Baseline.ridgePixels.crossValidated(all, folds: split))
        let whole = try scores(ridge, of: all.images, classes: classes)
        let folds = try scores(ridge, of: all.images, classes: classes, groups: split.folds)
        let expected: [(MethodScores, Quantity, ClosedRange<Double>)] = [
            (whole, .correlation, 0.730...0.746), (whole, .identification, 0.887...0.910),
            (whole, .identificationWithinClass, 0.808...0.838), (whole, .firstOfAll, 0.05...0.13),
            (folds, .identification, 0.886...0.954), (folds, .identificationWithinClass, 0.786...0.922),
        ]
        for (found, quantity, range) in expected {
            let value = try #require(found[quantity]).value
            #expect(range.contains(value), "\(quantity): \(value)")
        }
    }
}
