/// What an AFNI real-time sender such as Dimon says about a run before it sends the images.
///
/// AFNI's `README.realtime` describes the commands; what it leaves open follows AFNI's real-time plugin.
public struct AFNIMetadata: Sendable, Equatable {
    /// The pieces that images come in.
    public enum Acquisition: String, Sendable, CaseIterable {
        /// One volume, slice by slice.
        case volumeBySlice = "2D+z"
        /// A run, slice by slice.
        case runBySlice = "2D+zt"
        /// One volume, whole.
        case volume = "3D"
        /// A run of whole volumes.
        case run = "3D+t"
        /// A run of whole volumes whose slices were taken at different times.
        case timedRun = "3D+timing"

        /// Whether an image is one slice.
        public var isBySlice: Bool { self == .volumeBySlice || self == .runBySlice }
    }

    /// The type of a voxel, one real number.
    public enum Datum: String, Sendable, CaseIterable {
        /// 8-bit unsigned.
        case byte
        /// 16-bit signed.
        case short
        /// 32-bit signed.
        case int
        /// Single precision.
        case float
        /// Double precision.
        case double

        /// The bytes of a voxel.
        public var size: Int {
            switch self {
            case .byte: 1
            case .short: 2
            case .int, .float: 4
            case .double: 8
            }
        }
    }

    /// The order in which the slices of a volume come.
    public enum SliceOrder: Sendable, Equatable {
        /// Every other slice from the first, then those between.
        case alternating
        /// One after another.
        case sequential
        /// The slice, from 0, of each image of a volume.
        case explicit([Int])

        /// The slice, from 0, of each image of a volume.
        public func slices(count: Int) -> [Int] {
            switch self {
            case .alternating: Array(stride(from: 0, to: count, by: 2)) + Array(stride(from: 1, to: count, by: 2))
            case .sequential: Array(0..<count)
            case .explicit(let slices): slices
            }
        }
    }

    /// The pieces that images come in.
    public var acquisition = Acquisition.runBySlice
    /// What the sender calls the run.
    public var name: String?
    /// The time from volume to volume in s.
    public var repetitionTime: Double?
    /// The number of volumes that the run is planned to have.
    public var plannedVolumes: Int?
    /// The number of voxels along each axis.
    public var shape: SIMD3<Int>
    /// The type of a voxel.
    public var datum = Datum.short
    /// Whether the most significant byte of a voxel comes first.
    public var isBigEndian = false
    /// The order in which slices come, where each is an image.
    public var sliceOrder = SliceOrder.alternating
    /// From voxel indices to mm in RAS+: the first three rows of the 4×4 matrix, row by row.
    public var affine: [Double]
    /// The images that come for each point in time, such as echoes, one after another.
    public var channels = 1
    /// The echo time of each channel, in the sender's unit; empty if not said.
    public var echoTimes: [Double] = []
    /// When each slice is taken after the start of its volume, in s; empty if not said.
    public var sliceTimes: [Double] = []
    /// Remarks for people.
    public var notes: [String] = []
    /// Lines that were not understood or do not fit.
    public var warnings: [String] = []

    /// Describes a run.
    ///
    /// - Parameters:
    ///   - shape: The number of voxels along each axis.
    ///   - affine: The first three rows of the map from voxel indices to mm in RAS+, row by row.
    public init(shape: SIMD3<Int>, affine: [Double]) {
        precondition(affine.count == 12, "an affine has 12 numbers")
        (self.shape, self.affine) = (shape, affine)
    }

    /// The bytes of a volume of one channel.
    public var volumeSize: Int { shape.x * shape.y * shape.z * datum.size }

    /// The bytes of an image: a slice or a volume.
    public var imageSize: Int { acquisition.isBySlice ? shape.x * shape.y * datum.size : volumeSize }
}
