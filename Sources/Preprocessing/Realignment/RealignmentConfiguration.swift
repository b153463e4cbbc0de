import Neuroimaging

/// How the head's position is estimated.
public struct RealignmentConfiguration: Sendable, Equatable, Codable {
    /// The full width at half maximum of the Gaussian that both images are smoothed with, in mm.
    public var smoothing = 5.0
    /// The distance between the points where they are compared, in mm.
    public var separation = 4.0
    /// The most steps that a volume may take.
    public var maximumIterations = 24
    /// A step that moves no point of a sphere of 50 mm by more than this many mm is the last.
    public var tolerance = 0.002
    /// The lowest correlation with the reference at which a position is trusted.
    public var minimumCorrelation = 0.9
    /// The lowest share of the reference's points that must lie inside the volume.
    public var minimumOverlap = 0.5
    /// Of the smoothed reference's 98th percentile: points that are darker take no part.
    public var intensityThreshold = 0.1

    /// The published choices of SPM: 5 mm of smoothing and 4 mm of separation.
    public init() {}

    /// How far inside a volume, in voxels, a point must lie: nearer to the edge, smoothing mixes in what was mirrored.
    func margin(_ grid: VoxelGrid) -> SIMD3<Double> {
        var margin = SIMD3<Double>(repeating: 0.6 * smoothing) / grid.voxelSize
        for axis in 0..<3 { margin[axis] = max(0, min(margin[axis], Double(grid.shape[axis] - 1) / 6)) }
        return margin
    }

    /// Throws if a setting is out of range.
    func check() throws(PreprocessingError) {
        let problems: [(Bool, String, String)] = [
            ((0...40).contains(smoothing), "smoothing", "must lie between 0 and 40 mm"),
            ((0.5...40).contains(separation), "separation", "must lie between 0.5 and 40 mm"),
            ((1...1000).contains(maximumIterations), "maximumIterations", "must lie between 1 and 1000"),
            (tolerance > 0 && tolerance <= 1, "tolerance", "must be above 0 and at most 1 mm"),
            ((-1...1).contains(minimumCorrelation), "minimumCorrelation", "must lie between -1 and 1"),
            ((0...1).contains(minimumOverlap), "minimumOverlap", "must lie between 0 and 1"),
            ((0..<1).contains(intensityThreshold), "intensityThreshold", "must be at least 0 and below 1"),
        ]
        for (isGood, name, rule) in problems where !isGood {
            throw PreprocessingError(.configuration, "realignment.\(name)", rule)
        }
    }
}
