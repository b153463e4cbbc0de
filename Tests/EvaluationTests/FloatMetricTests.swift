import Evaluation
import Images
import Tensors
import Testing

@Suite("Metrics of images of real numbers")
struct FloatMetricTests {
    private func image(_ height: Int, _ width: Int, _ value: (Int) -> Int) -> Image8 {
        Image8(height: height, width: width, bytes: (0..<height * width * 3).map { UInt8(value($0) & 255) })
    }

    private func images(_ count: Int, seed: Int) -> [Image8] {
        (0..<count).map { index in image(9, 12) { ($0 * (37 + index) + $0 * $0 * seed) % 251 } }
    }

    @Test("agree with those of 8-bit images")
    func agreement() throws {
        for (a, b) in zip(images(4, seed: 3), images(4, seed: 7)) {
            let (x, y) = (FloatImage(a), FloatImage(b))
            let correlation = try PixelMetrics.correlation(a, b)
            #expect(abs(try PixelMetrics.correlation(x, y) - correlation) < 1e-6)
            let error = try PixelMetrics.squaredError(a, b) / (255 * 255)
            #expect(abs(try PixelMetrics.squaredError(x, y) - error) < 1e-7)
            let similarity = try StructuralSimilarity.index(a, b)
            #expect(abs(try StructuralSimilarity.index(x, y) - similarity) < 1e-6)
        }
    }

    @Test("of all pairs at once are those of the pairs, also of grey images", arguments: ImageMetric.allCases)
    func matrices(metric: ImageMetric) throws {
        let rows = images(4, seed: 3).map { FloatImage($0) }
        let columns = images(4, seed: 5).map { FloatImage($0) }
        let grey = { (image: FloatImage) in
            FloatImage(height: 9, width: 12, channels: 1, values: Array(image.values.prefix(108)))
        }
        for (rows, columns) in [(rows, columns), (rows.map(grey), columns.map(grey))] {
            let scores = try metric.scores(rows, columns)
            for shift in 0..<4 {
                let shifted = columns[shift...] + columns[..<shift]
                for (row, value) in try metric.ownScores(rows, Array(shifted)).enumerated() {
                    #expect(abs(scores[row, (row + shift) % 4] - value) < 1e-9)
                }
            }
        }
    }

    @Test("of a constant image: no correlation, and in tables 0")
    func constant() throws {
        let flat = FloatImage(height: 8, width: 8, channels: 1, values: [Float](repeating: 0.3, count: 64))
        let other = FloatImage(height: 8, width: 8, channels: 1, values: (0..<64).map { Float($0) / 64 })
        #expect(try PixelMetrics.correlation(flat, other).isNaN)
        #expect(try ImageMetric.correlation.scores([flat, other], [other, other]).values == [0, 0, 1, 1])
        #expect(try StructuralSimilarity.index(flat, flat) == 1)
    }

    @Test("The mean of samples keeps what 8 bits cannot hold")
    func mean() {
        let samples = [0, 1, 1].map { level in FloatImage(image(2, 2) { _ in level }) }
        let mean = FloatImage.mean(samples)
        #expect(mean.values.allSatisfy { abs($0 - 2 / 765) < 1e-8 })
        #expect(mean.image8 == image(2, 2) { _ in 1 })
        let wild = FloatImage(height: 1, width: 2, channels: 1, values: [.nan, 7])
        #expect(wild.clamped.values == [0, 1])
        #expect(wild.image8.bytes == [0, 0, 0, 255, 255, 255])
    }

    @Test("Images of different sizes or channels are refused")
    func sizes() {
        let colour = FloatImage(height: 7, width: 7, values: [Float](repeating: 0, count: 147))
        let grey = FloatImage(height: 7, width: 7, channels: 1, values: [Float](repeating: 0, count: 49))
        #expect(throws: MetricError.self) { try PixelMetrics.squaredError(colour, grey) }
        #expect(throws: MetricError.self) { try ImageMetric.correlation.scores([colour, grey], [colour, colour]) }
    }
}

@Suite("The Fréchet distance")
struct FrechetDistanceTests {
    private func features(_ rows: Int, _ width: Int, seed: UInt64 = 1) -> Tensor {
        var numbers = RandomNumbers(seed: seed)
        return numbers.normal([rows, width])
    }

    @Test("of a set to itself is 0, and to a shifted one the squared length of the shift")
    func shift() throws {
        let first = features(60, 5)
        let shift: [Float] = [1, -2, 0.5, 0, 3]
        let moved = Tensor(first.elements.enumerated().map { $0.element + shift[$0.offset % 5] }, shape: [60, 5])
        #expect(try #require(FrechetDistance.between(first, first)) < 1e-9)
        #expect(abs(try #require(FrechetDistance.between(first, moved)) - 14.25) < 1e-4)
    }

    @Test("to a stretched set is (a − 1)² times the trace of the covariance, plus the shift of the mean")
    func stretch() throws {
        let first = features(50, 4)
        let values = first.elements
        let stretched = Tensor(values.map { 3 * $0 }, shape: [50, 4])
        var expected = 0.0
        for column in 0..<4 {
            let part = stride(from: column, to: 200, by: 4).map { Double(values[$0]) }
            let mean = part.reduce(0, +) / 50
            expected += 4 * part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 49 + 4 * mean * mean
        }
        #expect(abs(try #require(FrechetDistance.between(first, stretched)) - expected) < 1e-4)
    }

    @Test("does not mind fewer rows than features, and knows nothing of what is not finite")
    func degenerate() throws {
        let (few, other) = (features(3, 8), features(4, 8, seed: 2))
        let forward = try #require(FrechetDistance.between(few, other))
        let backward = try #require(FrechetDistance.between(other, few))
        #expect(forward > 0 && abs(forward - backward) < 1e-6)
        #expect(FrechetDistance.between(few, Tensor(repeating: .nan, shape: [2, 8])) == nil)
    }

    @Test("Eigenvectors rebuild the matrix, and functions of it follow")
    func eigen() throws {
        let matrix: [Double] = [4, 1, 0, 1, 3, -1, 0, -1, 2]
        let eigen = try #require(SymmetricEigen(matrix, order: 3))
        #expect(zip(eigen.applying { $0 }, matrix).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(abs(eigen.values.reduce(0, +) - 9) < 1e-12 && eigen.values == eigen.values.sorted())
        // The determinant, 4·5 − 1·2.
        #expect(abs(eigen.values.reduce(1, *) - 18) < 1e-11)
        #expect(SymmetricEigen([.nan], order: 1) == nil)
    }
}
