/// The means and variances of all windows of an image, made once and compared with many others.
///
/// The structural similarity of images of real numbers: uniform windows of 7×7 pixels inside the image, range 1, sample
/// covariance, K₁ = 0.01, K₂ = 0.03, as ``StructuralSimilarity`` has it for 8-bit images.
struct WindowedImage {
    private let image: FloatImage
    /// Channel by channel, centred by the image's mean so that products lose little.
    private let planes: [[Double]]
    private let offset: Double
    private let means: [[Double]]
    private let variances: [[Double]]

    private static let count = Double(StructuralSimilarity.window * StructuralSimilarity.window)

    init(_ image: FloatImage) throws {
        let window = StructuralSimilarity.window
        guard image.height >= window, image.width >= window else {
            throw MetricError(
                code: .tooSmall,
                subject: "structural similarity",
                detail: "\(image.height)×\(image.width) pixels are smaller than the window of \(window)×\(window)"
            )
        }
        self.image = image
        let mean = image.values.reduce(0) { $0 + Double($1) } / Double(image.values.count)
        offset = mean
        planes = (0..<image.channels).map { channel in
            stride(from: channel, to: image.values.count, by: image.channels).map { Double(image.values[$0]) - mean }
        }
        var (means, variances) = ([[Double]](), [[Double]]())
        for plane in planes {
            let sums = Self.windowSums(plane, image.height, image.width)
            let squares = Self.windowSums(plane.map { $0 * $0 }, image.height, image.width)
            means.append(sums.map { $0 / Self.count })
            variances.append(zip(sums, squares).map { max(0, $1 - $0 * $0 / Self.count) / (Self.count - 1) })
        }
        (self.means, self.variances) = (means, variances)
    }

    /// The mean of the index over windows and channels.
    func similarity(to other: WindowedImage) throws -> Double {
        try MetricError.checkSizes(image, other.image)
        let (c1, c2) = (0.01 * 0.01, 0.03 * 0.03)
        var total = 0.0
        for channel in planes.indices {
            let products = zip(planes[channel], other.planes[channel]).map { $0 * $1 }
            let sums = Self.windowSums(products, image.height, image.width)
            for (index, sum) in sums.enumerated() {
                let (centredX, centredY) = (means[channel][index], other.means[channel][index])
                let covariance = (sum - centredX * centredY * Self.count) / (Self.count - 1)
                let (x, y) = (centredX + offset, centredY + other.offset)
                let variances = variances[channel][index] + other.variances[channel][index]
                total += (2 * x * y + c1) * (2 * covariance + c2) / ((x * x + y * y + c1) * (variances + c2))
            }
        }
        return total / Double(means[0].count * planes.count)
    }

    /// The sums over all windows that lie inside, by running sums along columns and rows.
    private static func windowSums(_ plane: [Double], _ height: Int, _ width: Int) -> [Double] {
        let window = StructuralSimilarity.window
        var columns = [Double](repeating: 0, count: width)
        var result: [Double] = []
        result.reserveCapacity((height - window + 1) * (width - window + 1))
        plane.withUnsafeBufferPointer { plane in
            for y in 0..<height {
                for x in 0..<width {
                    columns[x] += plane[y * width + x]
                    if y >= window { columns[x] -= plane[(y - window) * width + x] }
                }
                guard y >= window - 1 else { continue }
                var sum = columns[0..<window - 1].reduce(0, +)
                for x in window - 1..<width {
                    sum += columns[x]
                    result.append(sum)
                    sum -= columns[x - window + 1]
                }
            }
        }
        return result
    }
}

extension StructuralSimilarity {
    /// The index of images with values in 0…1, 1 for equal images.
    /// - Throws: `MetricError` if the sizes differ or are below 7.
    public static func index(_ first: FloatImage, _ second: FloatImage) throws -> Double {
        try WindowedImage(first).similarity(to: WindowedImage(second))
    }
}
