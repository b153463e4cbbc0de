/// An 8-bit RGB image, row by row, channels last.
public struct Image8: Sendable, Equatable {
    /// The number of rows.
    public let height: Int
    /// The number of columns.
    public let width: Int
    /// Red, green and blue of every pixel, `height · width · 3` bytes.
    public var bytes: [UInt8]

    /// An image of the given bytes, `height · width · 3` of them.
    public init(height: Int, width: Int, bytes: [UInt8]) {
        precondition(height > 0 && width > 0, "An image of \(height)×\(width) has no pixels.")
        precondition(bytes.count == height * width * 3, "\(bytes.count) bytes are not \(height)×\(width) RGB pixels.")
        self.height = height
        self.width = width
        self.bytes = bytes
    }

    /// An image of one colour.
    public init(height: Int, width: Int, colour: (red: UInt8, green: UInt8, blue: UInt8) = (0, 0, 0)) {
        var bytes = [UInt8](repeating: 0, count: height * width * 3)
        for index in stride(from: 0, to: bytes.count, by: 3) {
            bytes[index] = colour.red
            bytes[index + 1] = colour.green
            bytes[index + 2] = colour.blue
        }
        self.init(height: height, width: width, bytes: bytes)
    }

    /// One channel (0 red, 1 green, 2 blue) of the pixel in row `y` and column `x`.
    public subscript(y: Int, x: Int, channel: Int) -> UInt8 {
        get { bytes[(y * width + x) * 3 + channel] }
        set { bytes[(y * width + x) * 3 + channel] = newValue }
    }

    /// The part of the image that starts at row `top` and column `left`.
    public func cropped(top: Int, left: Int, height: Int, width: Int) -> Image8 {
        precondition(
            top >= 0 && left >= 0 && top + height <= self.height && left + width <= self.width,
            "A crop of \(height)×\(width) at (\(top), \(left)) leaves an image of \(self.height)×\(self.width)."
        )
        var bytes: [UInt8] = []
        bytes.reserveCapacity(height * width * 3)
        for y in top..<top + height {
            let start = (y * self.width + left) * 3
            bytes += self.bytes[start..<start + width * 3]
        }
        return Image8(height: height, width: width, bytes: bytes)
    }

    /// The middle of the image; a margin that cannot be halved is rounded to the even neighbour.
    public func centreCropped(height: Int, width: Int) -> Image8 {
        let top = (Double(self.height - height) / 2).rounded(.toNearestOrEven)
        let left = (Double(self.width - width) / 2).rounded(.toNearestOrEven)
        return cropped(top: Int(top), left: Int(left), height: height, width: width)
    }
}

extension Image8: CustomStringConvertible {
    /// The size.
    public var description: String { "Image8 \(height)×\(width)" }
}
