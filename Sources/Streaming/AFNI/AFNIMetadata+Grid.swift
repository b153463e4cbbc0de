import Neuroimaging
import WireFormat

extension AFNIMetadata {
    /// Describes a run of whole volumes on a grid.
    public init(grid: VoxelGrid, datum: Datum) {
        self.init(shape: grid.shape, affine: grid.affine.numbers)
        (acquisition, self.datum) = (.run, datum)
    }

    /// Where the voxels are.
    public var grid: VoxelGrid { VoxelGrid(shape: shape, affine: Affine(numbers: affine)) }
}

extension AFNIMetadata.Datum {
    /// The type of the same numbers in our volumes.
    public var dataType: NIfTIDataType {
        switch self {
        case .byte: .uint8
        case .short: .int16
        case .int: .int32
        case .float: .float32
        case .double: .float64
        }
    }

    /// A volume's voxels in this type, little-endian; intensities are rounded, and cut at the ends of its range.
    func bytes(_ volume: StoredVolume) -> [UInt8] {
        if volume.dataType == dataType, volume.slope == 1, volume.intercept == 0 { return volume.bytes }
        let intensities = volume.volume.voxels
        switch self {
        case .byte: return Self.pack(intensities) { UInt8(clamping: Self.whole($0)) }
        case .short: return Self.pack(intensities) { Int16(clamping: Self.whole($0)) }
        case .int: return Self.pack(intensities) { Int32(clamping: Self.whole($0)) }
        case .float: return Self.pack(intensities) { $0.bitPattern }
        case .double: return Self.pack(intensities) { Double($0).bitPattern }
        }
    }

    private static func whole(_ value: Float) -> Int {
        value.isNaN ? 0 : Int(max(-1e15, min(1e15, value)).rounded())
    }

    private static func pack<Voxel: FixedWidthInteger>(_ values: [Float], _ voxel: (Float) -> Voxel) -> [UInt8] {
        values.map { voxel($0).littleEndian }.withUnsafeBytes { Array($0) }
    }
}
