/// What a simulated scanner measures.
public struct AcquisitionSettings: Sendable, Equatable {
    /// The order in which slices are measured.
    public enum SliceOrder: String, Sendable, CaseIterable {
        /// From the bottom to the top.
        case ascending
        /// Every second from the bottom to the top, then the others.
        case interleaved
    }

    /// The number of voxels along x and along y.
    public var matrix = 64
    /// The number of slices.
    public var slices = 36
    /// The size of a voxel within a slice, in mm.
    public var voxelSize = 3.0
    /// The distance of slices, in mm.
    public var sliceThickness = 3.0
    /// The time from volume to volume, in s.
    public var repetitionTime = 1.5
    /// The number of slices that are measured at once.
    public var multiband = 3
    /// The order in which slices are measured.
    public var sliceOrder = SliceOrder.interleaved

    /// The defaults.
    public init() {}

    static var fields: [SettingsField<Self>] {
        [
            .value("matrix", \.matrix, .integer(8...512)),
            .value("slices", \.slices, .integer(4...512)),
            .value("voxelSize", \.voxelSize, .number(0.5...20)),
            .value("sliceThickness", \.sliceThickness, .number(0.5...20)),
            .value("repetitionTime", \.repetitionTime, .number(0.05...60)),
            .value("multiband", \.multiband, .integer(1...64)),
            .value("sliceOrder", \.sliceOrder, .word),
        ]
    }
}
