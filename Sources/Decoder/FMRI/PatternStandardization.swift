import Tensors

/// How raw patterns become what the encoder sees: voxels selected and scaled, perhaps projected to a few components, then the
/// pattern continued to a multiple of the patch.
public struct PatternStandardization: Sendable, Equatable {
    /// The voxels of a raw pattern.
    public let rawVoxels: Int
    /// The positions of the selected voxels in a raw pattern.
    public let selection: [Int]
    /// What is subtracted from each selected voxel.
    public let mean: [Float]
    /// What each selected voxel is then divided by; 0 for a voxel that says nothing and becomes 0.
    public let deviation: [Float]
    /// What scaled voxels are projected by, row-major `[components, selected voxels]`; nil keeps the voxels.
    public let projection: [Float]?
    /// The width V of the encoder's patterns; a shorter pattern is continued from its beginning.
    public let width: Int

    /// The given statistics, one of each for a selected voxel; at most `width` voxels, or components of a projection.
    public init(
        rawVoxels: Int,
        selection: [Int],
        mean: [Float],
        deviation: [Float],
        projection: [Float]? = nil,
        width: Int
    ) {
        precondition(
            mean.count == selection.count && deviation.count == selection.count && !selection.isEmpty
                && selection.allSatisfy((0..<rawVoxels).contains),
            "Statistics of \(selection.count) voxels of \(rawVoxels)."
        )
        self.rawVoxels = rawVoxels
        (self.selection, self.mean, self.deviation, self.width) = (selection, mean, deviation, width)
        self.projection = projection
        precondition(
            (1...width).contains(components) && (projection?.count ?? 0) % selection.count == 0,
            "\(components) voxels or components for a width of \(width)."
        )
    }

    /// The values of a pattern before it is continued: its components where it is projected, else its voxels.
    public var components: Int { projection.map { $0.count / selection.count } ?? selection.count }

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
        let components = projected(scaled)
        return (0..<width).map { components[$0 % components.count] }
    }

    private func projected(_ scaled: [Float]) -> [Float] {
        guard let projection else { return scaled }
        return stride(from: 0, to: projection.count, by: scaled.count).map { start in
            var sum: Float = 0
            for (index, value) in scaled.enumerated() { sum += projection[start + index] * value }
            return sum
        }
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

    /// The same for fewer voxels, given by their positions in ``selection``, at another width, and projected.
    /// - Parameter projection: row-major `[components, positions]`; nil for none.
    public func selecting(_ positions: [Int], projection: [Float]? = nil, width: Int) -> PatternStandardization {
        precondition(self.projection == nil, "Voxels that are projected already are not selected.")
        return PatternStandardization(
            rawVoxels: rawVoxels,
            selection: positions.map { selection[$0] },
            mean: positions.map { mean[$0] },
            deviation: positions.map { deviation[$0] },
            projection: projection,
            width: width
        )
    }
}
