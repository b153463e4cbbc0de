/// How raw patterns become what the encoder sees: voxels selected and scaled, then the pattern continued to a multiple of
/// the patch.
public struct PatternStandardization: Sendable, Equatable {
    /// The voxels of a raw pattern.
    public let rawVoxels: Int
    /// The positions of the selected voxels in a raw pattern.
    public let selection: [Int]
    /// What is subtracted from each selected voxel.
    public let mean: [Float]
    /// What each selected voxel is then divided by.
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

    /// A raw pattern of ``rawVoxels`` values as the encoder sees it.
    public func apply(_ pattern: some RandomAccessCollection<Float>) -> [Float] {
        precondition(pattern.count == rawVoxels, "A pattern of \(pattern.count) voxels, not of \(rawVoxels).")
        let scaled = selection.indices.map { index in
            let value = pattern[pattern.index(pattern.startIndex, offsetBy: selection[index])]
            return (value - mean[index]) / deviation[index]
        }
        return (0..<width).map { scaled[$0 % scaled.count] }
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
