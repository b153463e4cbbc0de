import Images

/// An image as a person sees it: luminance from 0 to 1, row by row from the top.
public struct GreyImage: Sendable, Equatable {
    /// The number of rows and of columns.
    public let (height, width): (Int, Int)
    /// The luminance of every pixel.
    public let pixels: [Float]

    /// Takes pixels, `height · width` of them.
    public init(height: Int, width: Int, pixels: [Float]) {
        precondition(height > 0 && width > 0 && pixels.count == height * width, "An image has height × width pixels.")
        (self.height, self.width, self.pixels) = (height, width, pixels)
    }

    /// The luminance of a colour image as in Rec601.
    public init(_ image: Image8) {
        let pixels = (0..<image.height * image.width).map { index in
            let (red, green, blue) = (image.bytes[3 * index], image.bytes[3 * index + 1], image.bytes[3 * index + 2])
            return luminance(red: Float(red), green: Float(green), blue: Float(blue)) / 255
        }
        self.init(height: image.height, width: image.width, pixels: pixels)
    }

    /// The value at a place between pixels, by linear interpolation; the border goes on outside.
    func value(row: Double, column: Double) -> Float {
        let (y, x) = (min(max(row, 0), Double(height - 1)), min(max(column, 0), Double(width - 1)))
        let (top, left) = (Int(y), Int(x))
        let (bottom, right) = (min(top + 1, height - 1), min(left + 1, width - 1))
        let (v, u) = (Float(y - Double(top)), Float(x - Double(left)))
        let upper = pixels[top * width + left] * (1 - u) + pixels[top * width + right] * u
        let lower = pixels[bottom * width + left] * (1 - u) + pixels[bottom * width + right] * u
        return upper * (1 - v) + lower * v
    }

    /// The mean of the border: what surrounds the image on the screen.
    var background: Float {
        var (sum, count) = (Float(0), 0)
        for row in 0..<height {
            for column in 0..<width where row == 0 || column == 0 || row == height - 1 || column == width - 1 {
                sum += pixels[row * width + column]
                count += 1
            }
        }
        return sum / Float(count)
    }
}
