import Evaluation
import Images
import Testing

@Suite("Metrics of images")
struct ImageMetricTests {
    private func image(_ height: Int, _ width: Int, _ value: (Int) -> Int) -> Image8 {
        Image8(height: height, width: width, bytes: (0..<height * width * 3).map { UInt8(value($0)) })
    }

    @Test("Equal images correlate fully, inverted ones negatively, and brightness does not matter")
    func correlation() throws {
        let ramp = image(8, 8) { $0 / 2 }
        #expect(abs(try PixelMetrics.correlation(ramp, ramp) - 1) < 1e-12)
        #expect(abs(try PixelMetrics.correlation(ramp, image(8, 8) { 255 - $0 / 2 }) + 1) < 1e-12)
        #expect(abs(try PixelMetrics.correlation(ramp, image(8, 8) { $0 / 2 + 30 }) - 1) < 1e-12)
        #expect(try PixelMetrics.correlation(ramp, image(8, 8) { _ in 5 }).isNaN)
    }

    @Test("The squared error is that of the values; the reference's wraps modulo 256")
    func squaredError() throws {
        let (dark, light) = (image(2, 2) { _ in 10 }, image(2, 2) { _ in 110 })
        #expect(try PixelMetrics.squaredError(dark, light) == 10000)
        #expect(try PixelMetrics.referenceWrappedSquaredError(dark, light) == 16)
    }

    @Test("The structural similarity of images without structure compares their brightness")
    func constantSimilarity() throws {
        let (a, b) = (image(9, 11) { _ in 50 }, image(9, 11) { _ in 200 })
        let expected = 20006.5025 / 42506.5025
        #expect(abs(try StructuralSimilarity.index(a, b) - expected) < 1e-12)
        #expect(try StructuralSimilarity.index(a, a) == 1)
    }

    @Test("The structural similarity agrees with its definition, window by window")
    func definition() throws {
        let (a, b) = (image(10, 9) { $0 * 37 % 251 }, image(10, 9) { $0 * $0 % 241 })
        var total = 0.0
        var windows = 0
        for channel in 0..<3 {
            for top in 0...3 {
                for left in 0...2 {
                    let places = (0..<7).flatMap { y in (0..<7).map { x in (top + y, left + x) } }
                    let x = places.map { Double(a[$0.0, $0.1, channel]) }
                    let y = places.map { Double(b[$0.0, $0.1, channel]) }
                    let (meanX, meanY) = (x.reduce(0, +) / 49, y.reduce(0, +) / 49)
                    let varianceX = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) } / 48
                    let varianceY = y.reduce(0) { $0 + ($1 - meanY) * ($1 - meanY) } / 48
                    let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / 48
                    let structure = (2 * covariance + 58.5225) / (varianceX + varianceY + 58.5225)
                    total += structure * (2 * meanX * meanY + 6.5025) / (meanX * meanX + meanY * meanY + 6.5025)
                    windows += 1
                }
            }
        }
        #expect(abs(try StructuralSimilarity.index(a, b) - total / Double(windows)) < 1e-12)
    }

    @Test("Images that cannot be compared give a typed error")
    func mismatch() {
        let (a, b) = (image(8, 8) { _ in 1 }, image(8, 9) { _ in 1 })
        #expect(throws: MetricError.self) { try PixelMetrics.correlation(a, b) }
        #expect(throws: MetricError.self) { try StructuralSimilarity.index(a, b) }
        let tiny = image(6, 8) { _ in 1 }
        #expect(throws: MetricError.self) { try StructuralSimilarity.index(tiny, tiny) }
    }

    @Test("Identification counts only the others, and a tie is no win")
    func identification() {
        let scores: [[Double]] = [[3, 1, 3], [1, 2, 0], [5, 4, 1]]
        #expect(PairwiseIdentification.accuracies(scores, better: .larger) == [0.5, 1, 0])
        #expect(PairwiseIdentification.accuracies(scores, better: .smaller) == [0, 0, 1])
    }
}
