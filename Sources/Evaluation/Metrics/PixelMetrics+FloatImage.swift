/// The same comparisons of images of real numbers.
extension PixelMetrics {
    /// Pearson's correlation over all pixels and channels; NaN if an image is constant.
    /// - Throws: `MetricError` if the sizes differ.
    public static func correlation(_ first: FloatImage, _ second: FloatImage) throws -> Double {
        try MetricError.checkSizes(first, second)
        let (x, y) = (centred(first), centred(second))
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for (a, b) in zip(x, y) {
            xx += a * a
            yy += b * b
            xy += a * b
        }
        guard isVaried(xx, x.count), isVaried(yy, y.count) else { return .nan }
        return xy / (xx * yy).squareRoot()
    }

    /// The mean squared difference of values in 0…1: that of 8-bit values divided by 255².
    /// - Throws: `MetricError` if the sizes differ.
    public static func squaredError(_ first: FloatImage, _ second: FloatImage) throws -> Double {
        try MetricError.checkSizes(first, second)
        var total = 0.0
        for (a, b) in zip(first.values, second.values) {
            let difference = Double(a) - Double(b)
            total += difference * difference
        }
        return total / Double(first.values.count)
    }

    /// The values less their mean.
    static func centred(_ image: FloatImage) -> [Double] {
        let mean = image.values.reduce(0) { $0 + Double($1) } / Double(image.values.count)
        return image.values.map { Double($0) - mean }
    }

    /// Whether a sum of squares of centred values is more than what rounding leaves of a constant image.
    static func isVaried(_ squares: Double, _ count: Int) -> Bool {
        squares > 1e-14 * Double(count)
    }
}

extension MetricError {
    static func checkSizes(_ first: FloatImage, _ second: FloatImage) throws {
        guard first.hasShape(of: second) else {
            throw MetricError(
                code: .differentSizes,
                subject: "image metric",
                detail: "images of \(first.height)×\(first.width)×\(first.channels) and "
                    + "\(second.height)×\(second.width)×\(second.channels) values cannot be compared"
            )
        }
    }
}
