import Foundation
import Images

/// The images of a report: a row for each item, what was seen first.
public struct ReportImages: Sendable {
    /// A column of images.
    public struct Column: Sendable {
        /// The heading.
        public let title: String
        /// An image for each item.
        public let images: [Image8]

        /// Describes a column.
        public init(title: String, images: [Image8]) {
            (self.title, self.images) = (title, images)
        }
    }

    /// The columns, from the left.
    public let columns: [Column]

    /// What was seen, each subject's mean and some of its samples, and every baseline.
    /// - Parameter shownSamples: the number of samples that are shown.
    public init(items: EvaluationItems, methods: [Reconstructions], shownSamples: Int = 4) {
        var columns = [Column(title: "Seen", images: items.originals)]
        for method in methods {
            if method.samples.count == 1 {
                columns.append(Column(title: method.title, images: method.samples[0].map(\.image8)))
            } else {
                for (index, sample) in method.samples.prefix(shownSamples).enumerated() {
                    columns.append(Column(title: "Sample \(index + 1)", images: sample.map(\.image8)))
                }
            }
        }
        self.columns = columns
    }

    /// The number of items.
    public var count: Int { columns[0].images.count }

    /// Sheets of at most `rows` items: one row per item, one column per method, small images enlarged.
    public func contactSheets(rows: Int = 40) -> [Image8] {
        stride(from: 0, to: count, by: rows).map { start in
            let shown = start..<min(start + rows, count)
            let images = shown.flatMap { item in columns.map { Self.enlarged($0.images[item]) } }
            return Image8.grid(images, columns: columns.count, margin: 6)
        }
    }

    /// The image with every pixel repeated, so that it is about 96 pixels high.
    private static func enlarged(_ image: Image8) -> Image8 { image.enlarged(max(1, 96 / image.height)) }

    /// An image as a URI that holds it.
    static func dataURI(_ image: Image8) throws -> String {
        "data:image/png;base64,\(try PNG.encode(image).base64EncodedString())"
    }
}
