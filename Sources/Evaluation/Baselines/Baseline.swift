import Decoder
import Foundation
import Images
import Tensors

/// Simple reconstructions that a decoder has to beat, made of the training part alone.
public enum Baseline: String, CaseIterable, Sendable, Codable {
    /// Ridge regression from patterns to pixels.
    case ridgePixels
    /// Ridge regression from patterns to the latents of the decoder's autoencoder, which then decodes them.
    case ridgeLatents
    /// The training image whose pattern correlates most with the test pattern.
    case nearest
    /// The mean of the training images, the same for every pattern.
    case mean

    /// What tables call it.
    public var title: String {
        switch self {
        case .ridgePixels: "Ridge regression to pixels"
        case .ridgeLatents: "Ridge regression to latents"
        case .nearest: "Nearest training image"
        case .mean: "Mean training image"
        }
    }

    /// What the baselines learn from.
    public struct Training: Sendable {
        /// `[n, voxels]`, not scaled.
        public let patterns: Tensor
        /// The image of each pattern, all of one size.
        public let images: [Image8]

        /// Pairs patterns with images.
        public init(patterns: Tensor, images: [Image8]) {
            precondition(patterns.rank == 2 && patterns.shape[0] == images.count, "\(images.count) images.")
            (self.patterns, self.images) = (patterns, images)
        }

        /// Some rows, in their order.
        public func selecting(_ rows: [Int]) -> Training {
            Training(patterns: patterns.selecting(rows: rows), images: rows.map { images[$0] })
        }
    }

    /// An autoencoder, for ridge regression to latents.
    public struct Autoencoder {
        /// The latents of images, each a row.
        public let encode: ([Image8]) throws -> [[Float]]
        /// The images of latents, of the size of the training images.
        public let decode: ([[Float]]) throws -> [FloatImage]

        /// Describes an autoencoder.
        public init(
            encode: @escaping ([Image8]) throws -> [[Float]],
            decode: @escaping ([[Float]]) throws -> [FloatImage]
        ) {
            (self.encode, self.decode) = (encode, decode)
        }
    }

    /// The images of a baseline, and how it was chosen.
    public struct Result: Sendable {
        /// Which baseline.
        public let baseline: Baseline
        /// An image for each test pattern, limited to 0…1.
        public let images: [FloatImage]
        /// The penalty of a ridge regression, chosen by leaving out training rows.
        public let penalty: Double?
    }

    /// Reconstructs test patterns, `[m, voxels]`, not scaled.
    ///
    /// - Parameter autoencoder: needed for `ridgeLatents`.
    /// - Returns: nil if the baseline cannot be made: a ridge regression of patterns without variation, or latents without
    ///   an autoencoder.
    public func reconstruct(
        _ patterns: Tensor,
        training: Training,
        autoencoder: Autoencoder? = nil
    ) throws -> Result? {
        let first = training.images[0]
        switch self {
        case .mean:
            let image = Self.mean(training.images)
            return Result(baseline: self, images: Array(repeating: image, count: patterns.shape[0]), penalty: nil)
        case .nearest:
            let nearest = Self.nearest(patterns, training.patterns)
            return Result(baseline: self, images: nearest.map { FloatImage(training.images[$0]) }, penalty: nil)
        case .ridgePixels:
            guard let ridge = DualRidge(patterns: training.patterns) else { return nil }
            let targets = RidgeTargets(training.images)
            let penalty = ridge.bestPenalty(targets)
            let rows = ridge.predict(patterns, targets: targets, penalty: penalty)
            let images = rows.map { FloatImage(height: first.height, width: first.width, values: $0).clamped }
            return Result(baseline: self, images: images, penalty: penalty)
        case .ridgeLatents:
            guard let autoencoder, let ridge = DualRidge(patterns: training.patterns) else { return nil }
            let targets = RidgeTargets(try autoencoder.encode(training.images))
            let penalty = ridge.bestPenalty(targets)
            let images = try autoencoder.decode(ridge.predict(patterns, targets: targets, penalty: penalty))
            return Result(baseline: self, images: images.map(\.clamped), penalty: penalty)
        }
    }

    /// Reconstructs every row by a baseline made of the rows of the other folds alone.
    ///
    /// - Returns: an image for each row, or nil if the baseline cannot be made.
    public func crossValidated(
        _ data: Training,
        folds: StratifiedFolds,
        autoencoder: Autoencoder? = nil
    ) throws -> [FloatImage]? {
        precondition(
            folds.folds.count == data.images.count,
            "\(folds.folds.count) places for \(data.images.count) rows."
        )
        var images = [FloatImage?](repeating: nil, count: data.images.count)
        for fold in 0..<folds.count {
            let rows = folds.test(fold)
            let found = try reconstruct(
                data.patterns.selecting(rows: rows),
                training: data.selecting(folds.training(fold)),
                autoencoder: autoencoder
            )
            guard let found else { return nil }
            for (row, image) in zip(rows, found.images) { images[row] = image }
        }
        return images.compactMap { $0 }
    }

    private static func mean(_ images: [Image8]) -> FloatImage {
        var sums = [Int](repeating: 0, count: images[0].bytes.count)
        for image in images {
            for (index, byte) in image.bytes.enumerated() { sums[index] += Int(byte) }
        }
        let values = sums.map { Float(Double($0) / Double(255 * images.count)) }
        return FloatImage(height: images[0].height, width: images[0].width, values: values)
    }

    /// The training row that correlates most with each pattern, after scaling by the training patterns.
    static func nearest(_ patterns: Tensor, _ training: Tensor) -> [Int] {
        let scaling = PatternStandardization(zScoring: training)
        let (a, b) = (standardizedRows(scaling.apply(patterns)), standardizedRows(scaling.apply(training)))
        let (count, rows) = (patterns.shape[0], training.shape[0])
        let products = MatrixProduct.transposedRight(a, b, rows: count, inner: training.shape[1], columns: rows)
        return (0..<count).map { item in
            (0..<rows).max { products[item * rows + $0] < products[item * rows + $1] } ?? 0
        }
    }

    private static func standardizedRows(_ patterns: Tensor) -> [Double] {
        let width = patterns.shape[1]
        let values = patterns.elements
        return (0..<patterns.shape[0]).flatMap { row in
            let part = values[row * width..<(row + 1) * width].map(Double.init)
            let mean = part.reduce(0, +) / Double(width)
            let length = part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
            return part.map { length > 0 ? ($0 - mean) / length : 0 }
        }
    }
}
