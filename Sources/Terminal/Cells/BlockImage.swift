import Images

/// An image as characters.
public enum BlockImage {
    /// How an image becomes characters.
    public enum Rendering: Sendable {
        /// Two pixels in each cell: the upper half block in one colour on another.
        case colours
        /// One character in each cell, the denser the brighter.
        case letters
    }

    /// From dark to bright, on a dark background.
    static let ramp = Array(" .:-=+*#%@").map(String.init)

    /// The largest canvas of an image with its proportions kept; a cell is taken to be twice as high as wide.
    public static func canvas(_ image: Image8, columns: Int, rows: Int, as rendering: Rendering) -> Canvas {
        guard columns > 0, rows > 0 else { return Canvas(width: 0, height: 0) }
        let (width, height) = fit(image, columns: columns, rows: rows)
        switch rendering {
        case .colours: return blocks(scaled(image, height, width))
        case .letters: return letters(scaled(image, (height + 1) / 2, width))
        }
    }

    /// The size in pixels, half a cell high each, that fits.
    static func fit(_ image: Image8, columns: Int, rows: Int) -> (width: Int, height: Int) {
        let scale = min(Double(columns) / Double(image.width), Double(rows * 2) / Double(image.height))
        return (
            min(columns, max(1, Int((Double(image.width) * scale).rounded()))),
            min(rows * 2, max(1, Int((Double(image.height) * scale).rounded())))
        )
    }

    private static func scaled(_ image: Image8, _ height: Int, _ width: Int) -> Image8 {
        guard height != image.height || width != image.width else { return image }
        return image.resized(height: height, width: width, filter: .bilinear)
    }

    private static func blocks(_ image: Image8) -> Canvas {
        let colour = { (y: Int, x: Int) in Colour.rgb(image[y, x, 0], image[y, x, 1], image[y, x, 2]) }
        var canvas = Canvas(width: image.width, height: (image.height + 1) / 2)
        for row in 0..<canvas.height {
            for x in 0..<image.width {
                let lower = row * 2 + 1 < image.height ? colour(row * 2 + 1, x) : .standard
                canvas.set("▀", row: row, column: x, style: Style(colour(row * 2, x), on: lower))
            }
        }
        return canvas
    }

    private static func letters(_ image: Image8) -> Canvas {
        var canvas = Canvas(width: image.width, height: image.height)
        for y in 0..<image.height {
            for x in 0..<image.width {
                // ITU-R BT.601, in thousandths.
                let luminance =
                    (299 * Int(image[y, x, 0]) + 587 * Int(image[y, x, 1]) + 114 * Int(image[y, x, 2])) / 1000
                canvas.set(ramp[luminance * ramp.count / 256], row: y, column: x)
            }
        }
        return canvas
    }
}
