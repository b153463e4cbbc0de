import Images

/// Comparisons of two images of one size, pixel by pixel.
public enum PixelMetrics {
    /// Pearson's correlation over all pixels and channels; NaN if an image is constant.
    public static func correlation(_ first: Image8, _ second: Image8) throws -> Double {
        try MetricError.checkSizes(first, second)
        var (x, y, xx, yy, xy) = (0, 0, 0, 0, 0)
        for (a, b) in zip(first.bytes, second.bytes) {
            let (a, b) = (Int(a), Int(b))
            x += a
            y += b
            xx += a * a
            yy += b * b
            xy += a * b
        }
        // Integers up to here, so that the differences below lose nothing.
        let count = first.bytes.count
        let covariance = Double(count * xy - x * y)
        return covariance / (Double(count * xx - x * x).squareRoot() * Double(count * yy - y * y).squareRoot())
    }

    /// The mean squared difference of the 8-bit values.
    public static func squaredError(_ first: Image8, _ second: Image8) throws -> Double {
        try MetricError.checkSizes(first, second)
        let total = zip(first.bytes, second.bytes).reduce(0) { total, pair in
            let difference = Int(pair.0) - Int(pair.1)
            return total + difference * difference
        }
        return Double(total) / Double(first.bytes.count)
    }

    /// What the reference reports as squared error: difference and square both wrap modulo 256.
    ///
    /// For comparison with it only; `squaredError` is the metric.
    public static func referenceWrappedSquaredError(_ first: Image8, _ second: Image8) throws -> Double {
        try MetricError.checkSizes(first, second)
        let total = zip(first.bytes, second.bytes).reduce(0) { total, pair in
            let difference = pair.0 &- pair.1
            return total + Int(difference &* difference)
        }
        return Double(total) / Double(first.bytes.count)
    }
}

/// Why two images cannot be compared.
public struct MetricError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The images have different sizes.
        case differentSizes
        /// The images are smaller than the window of the metric.
        case tooSmall
    }

    /// The kind of failure.
    public let code: Code
    /// The metric's name.
    public let subject: String
    /// What was wrong and what to do.
    public let detail: String

    /// The subject, then what was wrong with it.
    public var description: String { "\(subject): \(detail)" }

    static func checkSizes(_ first: Image8, _ second: Image8) throws {
        guard first.height == second.height, first.width == second.width else {
            throw MetricError(
                code: .differentSizes,
                subject: "image metric",
                detail: "\(first.height)×\(first.width) and \(second.height)×\(second.width) pixels cannot be compared"
            )
        }
    }
}
