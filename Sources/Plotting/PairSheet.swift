import Images

/// A sheet of pairs of images, what was seen on the left and what was made of it on the right, with a line under each.
public struct PairSheet: Sendable {
    /// Two images that belong together.
    public struct Pair: Sendable {
        /// What was seen.
        public var seen: Image8
        /// What was made of it.
        public var made: Image8
        /// What is said of it, in ASCII.
        public var caption: String

        /// Describes a pair.
        public init(seen: Image8, made: Image8, caption: String = "") {
            (self.seen, self.made, self.caption) = (seen, made, caption)
        }
    }

    /// The lines above the pairs, in ASCII.
    public var heading: [String]
    /// The pairs, row by row.
    public var pairs: [Pair]

    /// Pixels between the two of a pair, around pairs, and the scale of text.
    private static let (gap, margin, textScale) = (4, 16, 1)

    /// Describes a sheet of at least one pair.
    public init(heading: [String] = [], pairs: [Pair]) {
        precondition(!pairs.isEmpty, "A sheet needs a pair.")
        (self.heading, self.pairs) = (heading, pairs)
    }

    /// Draws the sheet.
    ///
    /// - Parameters:
    ///   - columns: The pairs in a row.
    ///   - height: About how many pixels high images are drawn; small ones are enlarged by a whole factor.
    public func image(columns: Int, height: Int = 96) -> Image8 {
        precondition(columns > 0, "A sheet needs a column.")
        let images = pairs.map { pair in
            [pair.seen, pair.made].map { $0.enlarged(max(1, height / max($0.height, $0.width))) }
        }
        let cell = images.joined().reduce(into: (width: 1, height: 1)) { cell, image in
            cell = (max(cell.width, image.width), max(cell.height, image.height))
        }
        let line = Canvas.height(scale: Self.textScale) + 6
        let pairWidth = 2 * cell.width + Self.gap
        let columns = min(columns, pairs.count)
        let rows = (pairs.count + columns - 1) / columns
        let top = Self.margin + heading.count * (Canvas.height() + 8)
        var canvas = Canvas(
            width: Self.margin + columns * (pairWidth + Self.margin),
            height: top + rows * (cell.height + line + Self.margin)
        )
        for (index, text) in heading.enumerated() {
            let room = canvas.image.width - 2 * Self.margin
            let scale = Canvas.width(text) <= room ? 2 : 1
            let shown = Canvas.shortened(text, room, scale: scale)
            canvas.text(shown, left: Self.margin, top: Self.margin + index * (Canvas.height() + 8), scale: scale)
        }
        for (index, pair) in pairs.enumerated() {
            let left = Self.margin + index % columns * (pairWidth + Self.margin)
            let y = top + index / columns * (cell.height + line + Self.margin)
            canvas.draw(images[index][0], left: left, top: y)
            canvas.draw(images[index][1], left: left + cell.width + Self.gap, top: y)
            let caption = Canvas.shortened(pair.caption, pairWidth, scale: Self.textScale)
            canvas.text(caption, left: left, top: y + cell.height + 4, scale: Self.textScale)
        }
        return canvas.image
    }
}
