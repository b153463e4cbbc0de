import Tensors

/// How raw patterns become what the encoder sees: voxels selected and scaled, then the pattern continued to a multiple of
/// the patch.
public struct PatternStandardization: Sendable, Equatable {
    /// The voxels of a raw pattern.
    public let rawVoxels: Int
    /// The positions of the selected voxels in a raw pattern.
    public let selection: [Int]
    /// What is subtracted from each selected voxel.
    public let mean: [Float]
    /// What each selected voxel is then divided by; 0 for a voxel that says nothing and becomes 0.
    public let deviation: [Float]
    /// The width V of the encoder's patterns; a shorter pattern is continued from its beginning.
    public let width: Int

    /// The given statistics, one of each for a selected voxel, of which there are at most `width`.
    public init(rawVoxels: Int, selection: [Int], mean: [Float], deviation: [Float], width: Int) {
        precondition(
            mean.count == selection.count && deviation.count == selection.count && !selection.isEmpty
                && selection.count <= width && selection.allSatisfy((0..<rawVoxels).contains),
            "Statistics of \(selection.count) voxels of \(rawVoxels) for a width of \(width)."
        )
        self.rawVoxels = rawVoxels
        (self.selection, self.mean, self.deviation, self.width) = (selection, mean, deviation, width)
    }

    /// The z-score of every voxel by its mean and population standard deviation over training patterns, `[n, voxels]` with
    /// at least one row; a voxel that never changes says nothing.
    /// - Parameter width: by default the number of voxels.
    public init(zScoring patterns: Tensor, width: Int? = nil) {
        precondition(patterns.rank == 2 && patterns.shape[0] > 0, "Patterns of shape \(patterns.shape).")
        let (rows, voxels) = (patterns.shape[0], patterns.shape[1])
        let values = patterns.elements
        var sums = [Double](repeating: 0, count: voxels)
        for row in 0..<rows {
            for voxel in 0..<voxels { sums[voxel] += Double(values[row * voxels + voxel]) }
        }
        let mean = sums.map { Float($0 / Double(rows)) }
        var squares = [Double](repeating: 0, count: voxels)
        for row in 0..<rows {
            for voxel in 0..<voxels {
                let difference = Double(values[row * voxels + voxel]) - Double(mean[voxel])
                squares[voxel] += difference * difference
            }
        }
        self.init(
            rawVoxels: voxels,
            selection: Array(0..<voxels),
            mean: mean,
            deviation: squares.map { Float(($0 / Double(rows)).squareRoot()) },
            width: width ?? voxels
        )
    }

    /// A raw pattern of ``rawVoxels`` values as the encoder sees it.
    public func apply(_ pattern: some RandomAccessCollection<Float>) -> [Float] {
        precondition(pattern.count == rawVoxels, "A pattern of \(pattern.count) voxels, not of \(rawVoxels).")
        let scaled = selection.indices.map { index in
            let value = pattern[pattern.index(pattern.startIndex, offsetBy: selection[index])]
            return deviation[index] > 0 ? (value - mean[index]) / deviation[index] : 0
        }
        return (0..<width).map { scaled[$0 % scaled.count] }
    }

    /// Raw patterns `[n, rawVoxels]` as the encoder sees them, `[n, width]`.
    public func apply(_ patterns: Tensor) -> Tensor {
        precondition(patterns.rank == 2 && patterns.shape[1] == rawVoxels, "Patterns of shape \(patterns.shape).")
        let values = patterns.elements
        let rows = (0..<patterns.shape[0]).flatMap { row in
            apply(values[row * rawVoxels..<(row + 1) * rawVoxels]) as [Float]
        }
        return Tensor(rows, shape: [patterns.shape[0], width])
    }

    /// The same for fewer voxels, given by their positions in ``selection``, at another width.
    public func selecting(_ positions: [Int], width: Int) -> PatternStandardization {
        PatternStandardization(
            rawVoxels: rawVoxels,
            selection: positions.map { selection[$0] },
            mean: positions.map { mean[$0] },
            deviation: positions.map { deviation[$0] },
            width: width
        )
    }
}
