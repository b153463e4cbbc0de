/// The filters of Pillow's resampling that the method needs.
public enum ResamplingFilter: Sendable {
    /// A triangle of support 1.
    case bilinear
    /// Keys' cubic with a = −0.5, of support 2.
    case bicubic

    var support: Double {
        switch self {
        case .bilinear: 1
        case .bicubic: 2
        }
    }

    func weight(_ distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .bilinear:
            return x < 1 ? 1 - x : 0
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
        }
    }
}

extension Image8 {
    /// The image at another size, bit for bit as Pillow's `Image.resize` makes it.
    ///
    /// The filter widens with the scale when the image shrinks. Columns are resampled before rows, with weights of 22
    /// fractional bits, and the image between the passes is rounded to 8 bits.
    public func resized(height: Int, width: Int, filter: ResamplingFilter) -> Image8 {
        precondition(height > 0 && width > 0, "An image of \(height)×\(width) has no pixels.")
        var image = self
        if width != image.width { image = image.resampledColumns(width, filter) }
        if height != image.height { image = image.resampledRows(height, filter) }
        return image
    }

    /// The image at the size whose shorter side is `side`, the longer one in proportion, rounded down.
    public func resized(shorterSide side: Int, filter: ResamplingFilter) -> Image8 {
        let scaled = { (length: Int, shorter: Int) in Int(Double(side) * Double(length) / Double(shorter)) }
        return height <= width
            ? resized(height: side, width: scaled(width, height), filter: filter)
            : resized(height: scaled(height, width), width: side, filter: filter)
    }

    private func resampledColumns(_ width: Int, _ filter: ResamplingFilter) -> Image8 {
        let taps = ResamplingTaps.table(from: self.width, to: width, filter: filter)
        var result = Image8(height: height, width: width)
        for y in 0..<height {
            for (x, taps) in taps.enumerated() {
                for channel in 0..<3 {
                    let start = (y * self.width + taps.first) * 3 + channel
                    result.bytes[(y * width + x) * 3 + channel] = taps.sum(bytes, start: start, stride: 3)
                }
            }
        }
        return result
    }

    private func resampledRows(_ height: Int, _ filter: ResamplingFilter) -> Image8 {
        let stride = width * 3
        var result = Image8(height: height, width: width)
        for (y, taps) in ResamplingTaps.table(from: self.height, to: height, filter: filter).enumerated() {
            for column in 0..<stride {
                result.bytes[y * stride + column] = taps.sum(bytes, start: taps.first * stride + column, stride: stride)
            }
        }
        return result
    }
}

/// The source pixels of one output pixel and their weights.
private struct ResamplingTaps {
    private static let fractionalBits = 22

    /// The first source pixel.
    let first: Int
    /// Weights in units of 2⁻²².
    let weights: [Int]

    static func table(from input: Int, to output: Int, filter: ResamplingFilter) -> [ResamplingTaps] {
        let scale = Double(input) / Double(output)
        let filterScale = max(scale, 1)
        let support = filter.support * filterScale
        return (0..<output).map { index in
            let centre = (Double(index) + 0.5) * scale
            let first = max(0, Int(centre - support + 0.5))
            let end = min(input, Int(centre + support + 0.5))
            // Pillow multiplies by the reciprocal, which rounds differently from a division.
            let weights = (first..<end).map { filter.weight((Double($0) - centre + 0.5) * (1 / filterScale)) }
            let total = weights.reduce(0, +)
            return ResamplingTaps(
                first: first,
                weights: weights.map { weight in
                    let scaled = weight / total * Double(1 << fractionalBits)
                    return Int(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
                }
            )
        }
    }

    /// The weighted sum of bytes, rounded and clamped.
    func sum(_ bytes: [UInt8], start: Int, stride: Int) -> UInt8 {
        var total = 1 << (Self.fractionalBits - 1)
        for (index, weight) in weights.enumerated() { total += weight * Int(bytes[start + index * stride]) }
        return UInt8(min(max(total >> Self.fractionalBits, 0), 255))
    }
}
