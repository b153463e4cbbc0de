import Images

/// A rectangle of pixels; its right and bottom edges are not part of it.
struct PixelRectangle: Equatable {
    var left: Int
    var top: Int
    var right: Int
    var bottom: Int

    var width: Int { max(0, right - left) }
    var height: Int { max(0, bottom - top) }

    /// What lies in both rectangles.
    func intersection(_ other: PixelRectangle) -> PixelRectangle {
        PixelRectangle(
            left: max(left, other.left),
            top: max(top, other.top),
            right: min(right, other.right),
            bottom: min(bottom, other.bottom)
        )
    }
}

/// A point in pixels; the middle of the first pixel is (0.5, 0.5).
struct PixelPoint: Equatable {
    var x: Double
    var y: Double
}

/// An image that is drawn on; what lies outside of it is left out.
struct Canvas {
    private(set) var image: Image8

    init(width: Int, height: Int) {
        image = Image8(height: height, width: width, colour: (255, 255, 255))
    }

    var bounds: PixelRectangle { PixelRectangle(left: 0, top: 0, right: image.width, bottom: image.height) }

    /// Fills a rectangle, opaque at 1.
    mutating func fill(_ rectangle: PixelRectangle, _ colour: PlotColour, opacity: Double = 1) {
        let area = rectangle.intersection(bounds)
        guard area.width > 0, area.height > 0 else { return }
        for y in area.top..<area.bottom {
            for x in area.left..<area.right { blend(x, y, colour, opacity) }
        }
    }

    /// Draws an image with its left top corner at a place.
    mutating func draw(_ other: Image8, left: Int, top: Int) {
        for y in 0..<other.height where (0..<image.height).contains(top + y) {
            for x in 0..<other.width where (0..<image.width).contains(left + x) {
                for channel in 0..<3 { image[top + y, left + x, channel] = other[y, x, channel] }
            }
        }
    }

    /// Draws the edge of a rectangle, one pixel wide.
    mutating func outline(_ area: PixelRectangle, _ colour: PlotColour) {
        fill(PixelRectangle(left: area.left, top: area.top, right: area.right, bottom: area.top + 1), colour)
        fill(PixelRectangle(left: area.left, top: area.bottom - 1, right: area.right, bottom: area.bottom), colour)
        fill(PixelRectangle(left: area.left, top: area.top, right: area.left + 1, bottom: area.bottom), colour)
        fill(PixelRectangle(left: area.right - 1, top: area.top, right: area.right, bottom: area.bottom), colour)
    }

    /// Draws a horizontal line of dashes.
    mutating func dashes(from left: Int, to right: Int, y: Int, _ colour: PlotColour) {
        var x = left
        while x < right {
            fill(PixelRectangle(left: x, top: y - 1, right: min(x + 8, right), bottom: y + 1), colour)
            x += 14
        }
    }

    /// Draws a vertical line of dashes.
    mutating func verticalDashes(x: Int, from top: Int, to bottom: Int, _ colour: PlotColour) {
        var y = top
        while y < bottom {
            fill(PixelRectangle(left: x - 1, top: y, right: x + 1, bottom: min(y + 8, bottom)), colour)
            y += 14
        }
    }

    /// Draws a text with its left top corner at a place.
    mutating func text(_ text: String, left: Int, top: Int, scale: Int = 2, _ colour: PlotColour = .text) {
        for (index, character) in text.enumerated() {
            let start = left + index * BitmapFont.advance * scale
            glyph(character) { x, y in
                PixelRectangle(
                    left: start + x * scale,
                    top: top + y * scale,
                    right: start + (x + 1) * scale,
                    bottom: top + (y + 1) * scale
                )
            } colour: {
                colour
            }
        }
    }

    /// Draws a text that reads upwards, with the left of its first character at `bottom`.
    mutating func verticalText(_ text: String, left: Int, bottom: Int, scale: Int = 2, _ colour: PlotColour = .text) {
        for (index, character) in text.enumerated() {
            let start = bottom - index * BitmapFont.advance * scale
            glyph(character) { x, y in
                PixelRectangle(
                    left: left + y * scale,
                    top: start - (x + 1) * scale,
                    right: left + (y + 1) * scale,
                    bottom: start - x * scale
                )
            } colour: {
                colour
            }
        }
    }

    /// The width of a text in pixels.
    static func width(_ text: String, scale: Int = 2) -> Int {
        text.isEmpty ? 0 : (text.count * BitmapFont.advance - 1) * scale
    }

    /// The height of a text in pixels.
    static func height(scale: Int = 2) -> Int { BitmapFont.size.height * scale }

    /// The text, cut to a width in pixels.
    static func shortened(_ text: String, _ width: Int, scale: Int = 2) -> String {
        guard Self.width(text, scale: scale) > width else { return text }
        return text.prefix(max(0, width / (BitmapFont.advance * scale) - 2)) + ".."
    }

    private mutating func glyph(
        _ character: Character,
        place: (_ x: Int, _ y: Int) -> PixelRectangle,
        colour: () -> PlotColour
    ) {
        for (y, row) in BitmapFont.rows(character).enumerated() {
            for x in 0..<BitmapFont.size.width where row >> (BitmapFont.size.width - 1 - x) & 1 == 1 {
                fill(place(x, y), colour())
            }
        }
    }

    /// Mixes a colour into a pixel of the image.
    mutating func blend(_ x: Int, _ y: Int, _ colour: PlotColour, _ opacity: Double) {
        let offset = (y * image.width + x) * 3
        for (channel, value) in [colour.red, colour.green, colour.blue].enumerated() {
            let old = Double(image.bytes[offset + channel])
            image.bytes[offset + channel] = UInt8((old + (Double(value) - old) * min(max(opacity, 0), 1)).rounded())
        }
    }
}
