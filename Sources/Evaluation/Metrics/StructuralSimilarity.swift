import Images

/// The structural similarity index (Wang et al., "Image quality assessment", IEEE TIP 2004) as the reference computes it.
///
/// Uniform windows of 7×7 pixels that lie inside the image, range 255, sample covariance, K₁ = 0.01, K₂ = 0.03; the mean
/// over windows and channels.
public enum StructuralSimilarity {
    /// The side of the window.
    public static let window = 7

    /// The index, 1 for equal images.
    /// - Throws: `MetricError` if the sizes differ or are below 7.
    public static func index(_ first: Image8, _ second: Image8) throws -> Double {
        try MetricError.checkSizes(first, second)
        guard first.height >= window, first.width >= window else {
            throw MetricError(
                code: .tooSmall,
                subject: "structural similarity",
                detail: "\(first.height)×\(first.width) pixels are smaller than the window of \(window)×\(window)"
            )
        }
        let channels = (0..<3).map { channelIndex(first, second, $0) }
        return channels.reduce(0, +) / 3
    }

    private static func channelIndex(_ first: Image8, _ second: Image8, _ channel: Int) -> Double {
        var columns = [WindowSums](repeating: WindowSums(), count: first.width)
        var total = 0.0
        for y in 0..<first.height {
            for x in 0..<first.width {
                columns[x].add(Int(first[y, x, channel]), Int(second[y, x, channel]))
                if y >= window {
                    columns[x].remove(Int(first[y - window, x, channel]), Int(second[y - window, x, channel]))
                }
            }
            guard y >= window - 1 else { continue }
            var sums = WindowSums()
            for x in 0..<first.width {
                sums.add(columns[x])
                if x >= window { sums.remove(columns[x - window]) }
                if x >= window - 1 { total += sums.index }
            }
        }
        return total / Double((first.height - window + 1) * (first.width - window + 1))
    }
}

/// Sums over a window, exact in integers.
private struct WindowSums {
    private var x = 0
    private var y = 0
    private var xx = 0
    private var yy = 0
    private var xy = 0

    mutating func add(_ a: Int, _ b: Int) {
        x += a
        y += b
        xx += a * a
        yy += b * b
        xy += a * b
    }

    mutating func remove(_ a: Int, _ b: Int) {
        x -= a
        y -= b
        xx -= a * a
        yy -= b * b
        xy -= a * b
    }

    mutating func add(_ other: WindowSums) {
        x += other.x
        y += other.y
        xx += other.xx
        yy += other.yy
        xy += other.xy
    }

    mutating func remove(_ other: WindowSums) {
        x -= other.x
        y -= other.y
        xx -= other.xx
        yy -= other.yy
        xy -= other.xy
    }

    /// The index of the window.
    var index: Double {
        let count = StructuralSimilarity.window * StructuralSimilarity.window
        let sampled = Double(count * (count - 1))
        let (meanX, meanY) = (Double(x) / Double(count), Double(y) / Double(count))
        let varianceX = Double(count * xx - x * x) / sampled
        let varianceY = Double(count * yy - y * y) / sampled
        let covariance = Double(count * xy - x * y) / sampled
        let (c1, c2) = (2.55 * 2.55, 7.65 * 7.65)
        return (2 * meanX * meanY + c1) * (2 * covariance + c2)
            / ((meanX * meanX + meanY * meanY + c1) * (varianceX + varianceY + c2))
    }
}
