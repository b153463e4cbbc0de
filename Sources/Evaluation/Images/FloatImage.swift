import Images
import Tensors

/// An image of real numbers, nominally in 0…1: an estimate that is no 8-bit image, such as the mean of several samples.
public struct FloatImage: Sendable, Equatable {
    /// The number of rows.
    public let height: Int
    /// The number of columns.
    public let width: Int
    /// 1 for grey, 3 for red, green and blue.
    public let channels: Int
    /// The pixels, row by row, channels last.
    public var values: [Float]

    /// An image of the given values, `height · width · channels` of them.
    public init(height: Int, width: Int, channels: Int = 3, values: [Float]) {
        precondition(
            height > 0 && width > 0 && (channels == 1 || channels == 3) && values.count == height * width * channels,
            "\(values.count) values are not an image of \(height)×\(width)×\(channels)."
        )
        (self.height, self.width, self.channels, self.values) = (height, width, channels, values)
    }

    /// The 8-bit values divided by 255.
    public init(_ image: Image8) {
        let table = (0...255).map { Float($0) / 255 }
        let values = image.bytes.map { table[Int($0)] }
        self.init(height: image.height, width: image.width, values: values)
    }

    /// The image of a tensor `[height, width, 1 or 3]`, nominally in 0…1.
    public init(unit tensor: Tensor) {
        precondition(tensor.rank == 3, "A tensor of shape \(tensor.shape) is not an image.")
        self.init(
            height: tensor.shape[0],
            width: tensor.shape[1],
            channels: tensor.shape[2],
            values: tensor.elements
        )
    }

    /// The mean of images of one size, of which there is at least one.
    public static func mean(_ images: [FloatImage]) -> FloatImage {
        precondition(!images.isEmpty && images.allSatisfy { $0.hasShape(of: images[0]) }, "A mean needs equal sizes.")
        var sums = [Double](repeating: 0, count: images[0].values.count)
        for image in images {
            for (index, value) in image.values.enumerated() { sums[index] += Double(value) }
        }
        var result = images[0]
        result.values = sums.map { Float($0 / Double(images.count)) }
        return result
    }

    /// The values limited to 0…1; those that are no numbers become 0.
    public var clamped: FloatImage {
        var result = self
        result.values = values.map { $0 > 0 ? min($0, 1) : 0 }
        return result
    }

    /// The nearest 8-bit image; grey in three channels.
    public var image8: Image8 {
        let bytes = clamped.values.map { UInt8(($0 * 255).rounded()) }
        let colours = channels == 3 ? bytes : bytes.flatMap { [$0, $0, $0] }
        return Image8(height: height, width: width, bytes: colours)
    }

    /// Whether two images have the same height, width and number of channels.
    public func hasShape(of other: FloatImage) -> Bool {
        height == other.height && width == other.width && channels == other.channels
    }
}

extension FloatImage: CustomStringConvertible {
    /// The size.
    public var description: String { "FloatImage \(height)×\(width)×\(channels)" }
}
