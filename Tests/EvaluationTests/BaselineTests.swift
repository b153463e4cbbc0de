import Decoder
import Foundation
import Images
import Tensors
import Testing

@testable import Evaluation

@Suite("Baselines")
struct BaselineTests {
    private let rows = 9
    private let voxels = 4

    private func patterns(_ rows: Int, seed: UInt64) -> Tensor {
        var numbers = RandomNumbers(seed: seed)
        return numbers.normal([rows, voxels])
    }

    private func targets(seed: UInt64) -> [[Float]] {
        var numbers = RandomNumbers(seed: seed)
        return (0..<rows).map { _ in numbers.normal([3]).elements }
    }

    /// The products of a column of one matrix with a column of another, both centred.
    private func covariance(_ a: [[Double]], _ i: Int, _ b: [[Double]], _ j: Int) -> Double {
        let (meanA, meanB) = (mean(a, i), mean(b, j))
        var sum = 0.0
        for row in a.indices { sum += (a[row][i] - meanA) * (b[row][j] - meanB) }
        return sum
    }

    private func mean(_ matrix: [[Double]], _ column: Int) -> Double {
        var sum = 0.0
        for row in matrix { sum += row[column] }
        return sum / Double(matrix.count)
    }

    /// Ridge regression by its normal equations, with the rows centred and the intercept free.
    private func primal(_ x: [[Double]], _ y: [[Double]], penalty: Double, at point: [Double]) -> [Double] {
        let width = x[0].count
        var system: [[Double]] = (0..<width).map { row in
            var line: [Double] = (0..<width).map { covariance(x, row, x, $0) }
            line[row] += penalty
            line += y[0].indices.map { covariance(x, row, y, $0) }
            return line
        }
        for pivot in 0..<width {
            for row in 0..<width where row != pivot {
                let factor = system[row][pivot] / system[pivot][pivot]
                for column in system[row].indices { system[row][column] -= factor * system[pivot][column] }
            }
        }
        return y[0].indices.map { target in
            var value = mean(y, target)
            for row in 0..<width {
                value += (point[row] - mean(x, row)) * system[row][width + target] / system[row][row]
            }
            return value
        }
    }

    private func rows(of tensor: Tensor) -> [[Double]] {
        let values = tensor.elements.map(Double.init)
        return (0..<tensor.shape[0]).map { Array(values[$0 * voxels..<($0 + 1) * voxels]) }
    }

    @Test("Ridge regression in its dual form predicts what the normal equations do", arguments: [0.1, 3, 100])
    func dual(penalty: Double) throws {
        let (training, test) = (patterns(rows, seed: 1), patterns(3, seed: 2))
        let values = targets(seed: 3)
        let ridge = try #require(DualRidge(patterns: training))
        let found = ridge.predict(test, targets: RidgeTargets(values), penalty: penalty)
        let scaled = rows(of: ridge.scaling.apply(training))
        for (row, point) in rows(of: ridge.scaling.apply(test)).enumerated() {
            let expected = primal(scaled, values.map { $0.map(Double.init) }, penalty: penalty, at: point)
            #expect(zip(found[row], expected).allSatisfy { pair in abs(Double(pair.0) - pair.1) < 1e-5 })
        }
    }

    @Test("Its error of left-out rows is that of regressions without them")
    func leaveOneOut() throws {
        let training = patterns(rows, seed: 4)
        let values = targets(seed: 5)
        let ridge = try #require(DualRidge(patterns: training))
        let scaled = rows(of: ridge.scaling.apply(training))
        let doubles = values.map { $0.map(Double.init) }
        for validation in ridge.validations(RidgeTargets(values)) where validation.penalty > 0.05 {
            var total = 0.0
            for left in 0..<rows {
                let kept = (0..<rows).filter { $0 != left }
                let found = primal(
                    kept.map { scaled[$0] },
                    kept.map { doubles[$0] },
                    penalty: validation.penalty,
                    at: scaled[left]
                )
                for (a, b) in zip(found, doubles[left]) { total += (a - b) * (a - b) }
            }
            #expect(abs(validation.error - total / Double(rows * 3)) < 1e-6 * max(1, total))
        }
    }

    @Test("Patterns without variation have no regression, and voxels without variation no say")
    func constant() throws {
        #expect(DualRidge(patterns: Tensor(repeating: 2, shape: [5, 3])) == nil)
        #expect(DualRidge(patterns: Tensor(repeating: .nan, shape: [5, 3])) == nil)
        let scaling = PatternStandardization(zScoring: Tensor([1, 5, 3, 5], shape: [2, 2]))
        #expect(scaling.apply(Tensor([2, 9, 4, 5], shape: [2, 2])).elements == [0, 0, 2, 0])
    }

    @Test("The nearest image is that of the same pattern, the mean that of all; both of training rows alone")
    func nearestAndMean() throws {
        let images = (0..<rows).map { Image8(height: 2, width: 2, colour: (UInt8($0), UInt8(10 * $0), 0)) }
        let training = Baseline.Training(patterns: patterns(rows, seed: 6), images: images)
        let test = training.patterns.selecting(rows: [4, 0])
        let nearest = try #require(try Baseline.nearest.reconstruct(test, training: training))
        #expect(nearest.images == [4, 0].map { FloatImage(images[$0]) })
        let mean = try #require(try Baseline.mean.reconstruct(test, training: training))
        #expect(abs(mean.images[1].values[0] - 4 / 255) < 1e-7 && abs(mean.images[0].values[1] - 40 / 255) < 1e-7)
        #expect(try Baseline.ridgeLatents.reconstruct(test, training: training) == nil)
    }

    @Test("Ridge regression to latents decodes what it predicts")
    func latents() throws {
        let images = (0..<rows).map { Image8(height: 1, width: 1, colour: (UInt8(20 * $0), 0, 0)) }
        let training = Baseline.Training(patterns: patterns(rows, seed: 7), images: images)
        // Latents that are the pixels themselves.
        let autoencoder = Baseline.Autoencoder { images in
            images.map { FloatImage($0).values }
        } decode: { latents in
            latents.map { FloatImage(height: 1, width: 1, values: $0) }
        }
        let test = patterns(4, seed: 8)
        let pixels = try #require(try Baseline.ridgePixels.reconstruct(test, training: training))
        let latents = try #require(
            try Baseline.ridgeLatents.reconstruct(test, training: training, autoencoder: autoencoder)
        )
        #expect(pixels.penalty != nil)
        for (a, b) in zip(pixels.images, latents.images) {
            #expect(zip(a.values, b.values).allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }
}
