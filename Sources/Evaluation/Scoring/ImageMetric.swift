/// A comparison of two images.
public enum ImageMetric: String, CaseIterable, Sendable, Codable {
    /// Pearson's correlation over pixels and channels; that of a constant image counts as 0.
    case correlation
    /// The mean squared difference of values in 0…1.
    case squaredError
    /// The structural similarity with windows of 7×7 pixels.
    case structuralSimilarity

    /// Which score is the better one.
    public var better: PairwiseIdentification.Preference { self == .squaredError ? .smaller : .larger }

    /// What tables call it.
    public var title: String {
        switch self {
        case .correlation: "Pixel correlation"
        case .squaredError: "Mean squared error"
        case .structuralSimilarity: "Structural similarity"
        }
    }

    /// The score of every reconstruction with every original.
    /// - Throws: `MetricError` if sizes differ or are too small.
    public func scores(_ reconstructions: [FloatImage], _ originals: [FloatImage]) throws -> ScoreMatrix {
        precondition(reconstructions.count == originals.count && !originals.isEmpty, "Images come in pairs.")
        for image in reconstructions + originals { try MetricError.checkSizes(image, originals[0]) }
        switch self {
        case .correlation: return PixelProducts(reconstructions, originals).correlations
        case .squaredError: return PixelProducts(reconstructions, originals).squaredErrors
        case .structuralSimilarity:
            let (first, second) = (try reconstructions.map(WindowedImage.init), try originals.map(WindowedImage.init))
            return ScoreMatrix(try first.flatMap { row in try second.map { try row.similarity(to: $0) } })
        }
    }

    /// The score of every reconstruction with its own original.
    /// - Throws: `MetricError` if sizes differ or are too small.
    public func ownScores(_ reconstructions: [FloatImage], _ originals: [FloatImage]) throws -> [Double] {
        try zip(reconstructions, originals).map { pair in
            switch self {
            case .correlation:
                let value = try PixelMetrics.correlation(pair.0, pair.1)
                return value.isNaN ? 0 : value
            case .squaredError: return try PixelMetrics.squaredError(pair.0, pair.1)
            case .structuralSimilarity: return try StructuralSimilarity.index(pair.0, pair.1)
            }
        }
    }
}

/// Scores of all reconstructions with all originals.
public struct ScoreMatrix: Sendable, Equatable {
    /// The number of reconstructions, and of originals.
    public let count: Int
    /// Row-major: the score of reconstruction i with original j lies at `i · count + j`.
    public private(set) var values: [Double]

    /// A square matrix of scores.
    public init(_ values: [Double]) {
        count = Int(Double(values.count).squareRoot())
        precondition(count * count == values.count, "\(values.count) scores are not a square matrix.")
        self.values = values
    }

    /// The score of a reconstruction with an original.
    public subscript(reconstruction: Int, original: Int) -> Double { values[reconstruction * count + original] }

    /// The scores of the reconstructions with their own originals.
    public var own: [Double] { (0..<count).map { self[$0, $0] } }

    /// The mean of matrices of one size.
    public static func mean(_ matrices: [ScoreMatrix]) -> ScoreMatrix {
        precondition(!matrices.isEmpty && matrices.allSatisfy { $0.count == matrices[0].count })
        var result = matrices[0]
        for index in result.values.indices {
            result.values[index] = matrices.reduce(0) { $0 + $1.values[index] } / Double(matrices.count)
        }
        return result
    }

    /// The matrix with each score replaced.
    func map(_ transform: (Double) -> Double) -> ScoreMatrix { ScoreMatrix(values.map(transform)) }
}

/// Inner products of centred images, from which correlations and errors of all pairs follow.
private struct PixelProducts {
    private let count: Int
    private let pixels: Int
    private var products: [Double]
    private let rows: [Moments]
    private let columns: [Moments]

    private struct Moments {
        let mean: Double
        let squares: Double

        init(_ image: FloatImage) {
            let centred = PixelMetrics.centred(image)
            mean = Double(image.values[0]) - centred[0]
            squares = centred.reduce(0) { $0 + $1 * $1 }
        }
    }

    /// Pixels whose products are formed at a time, so that large images need no large matrix.
    private static let block = 4096

    init(_ reconstructions: [FloatImage], _ originals: [FloatImage]) {
        count = originals.count
        pixels = originals[0].values.count
        (rows, columns) = (reconstructions.map(Moments.init), originals.map(Moments.init))
        products = [Double](repeating: 0, count: count * count)
        for start in stride(from: 0, to: pixels, by: Self.block) {
            let range = start..<min(start + Self.block, pixels)
            MatrixProduct.addTransposedRight(
                Self.centred(reconstructions, rows, range),
                Self.centred(originals, columns, range),
                rows: count,
                inner: range.count,
                columns: count,
                to: &products
            )
        }
    }

    private static func centred(_ images: [FloatImage], _ moments: [Moments], _ range: Range<Int>) -> [Double] {
        zip(images, moments).flatMap { image, moments in image.values[range].map { Double($0) - moments.mean } }
    }

    var correlations: ScoreMatrix {
        scores { row, column, product in
            guard PixelMetrics.isVaried(row.squares, pixels), PixelMetrics.isVaried(column.squares, pixels) else {
                return 0
            }
            return product / (row.squares * column.squares).squareRoot()
        }
    }

    var squaredErrors: ScoreMatrix {
        scores { row, column, product in
            let means = (row.mean - column.mean) * (row.mean - column.mean)
            return max(0, (row.squares + column.squares - 2 * product) / Double(pixels) + means)
        }
    }

    private func scores(_ score: (Moments, Moments, Double) -> Double) -> ScoreMatrix {
        ScoreMatrix(
            rows.indices.flatMap { row in
                columns.indices.map { score(rows[row], columns[$0], products[row * count + $0]) }
            }
        )
    }
}
