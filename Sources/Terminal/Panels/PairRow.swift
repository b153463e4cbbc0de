import Images

/// A row of pairs of images, what was seen on the left and what was made of it on the right, with a line under each.
public struct PairRow: Sendable, Equatable {
    /// Two images that belong together.
    public struct Pair: Sendable {
        /// What was seen.
        public var seen: Image8
        /// What was made of it.
        public var made: Image8
        /// What is said of it.
        public var caption: String

        /// Describes a pair.
        public init(seen: Image8, made: Image8, caption: String) {
            (self.seen, self.made, self.caption) = (seen, made, caption)
        }
    }

    /// Columns between pairs.
    private static let gap = 3
    /// The most columns of an image.
    private static let mostColumns = 28

    /// How many pairs a row has.
    public let count: Int
    /// The columns of an image.
    public let imageColumns: Int
    /// The rows of an image.
    public var imageRows: Int { (imageColumns + 1) / 2 }
    /// The rows of the whole, the line under images included.
    public var height: Int { imageRows + 1 }

    /// The row that fits a terminal: at least two pairs where there is any room for them, images as large as that allows.
    public init(width: Int) {
        let whole = 2 * Self.mostColumns + 1 + Self.gap
        count = width < 24 ? 1 : max(2, (width + Self.gap) / whole)
        let share = (width + Self.gap) / count - Self.gap
        imageColumns = min(Self.mostColumns, max(1, (share - 1) / 2))
    }

    /// Draws pairs, of which there are at most ``count``.
    public func canvas(_ pairs: [Pair], as rendering: BlockImage.Rendering) -> Canvas {
        let pairWidth = 2 * imageColumns + 1
        var canvas = Canvas(width: count * (pairWidth + Self.gap) - Self.gap, height: height)
        for (index, pair) in pairs.prefix(count).enumerated() {
            let left = index * (pairWidth + Self.gap)
            for (image, column) in [(pair.seen, left), (pair.made, left + imageColumns + 1)] {
                let blocks = BlockImage.canvas(image, columns: imageColumns, rows: imageRows, as: rendering)
                canvas.draw(blocks, row: 0, column: column)
            }
            canvas.write(pair.caption, row: imageRows, column: left, before: left + pairWidth)
        }
        return canvas
    }
}
