import Neuroimaging
import WireFormat

extension PynealHeader {
    /// Where the voxels are.
    public var grid: VoxelGrid { VoxelGrid(shape: shape, affine: Affine(numbers: affine)) }
}

extension PynealDataType {
    /// The type of the same numbers in our volumes.
    public var stored: NIfTIDataType {
        switch self {
        case .int8: .int8
        case .uint8: .uint8
        case .int16: .int16
        case .uint16: .uint16
        case .int32: .int32
        case .uint32: .uint32
        case .int64: .int64
        case .uint64: .uint64
        case .float32: .float32
        case .float64: .float64
        }
    }
}
