import CHDF5
import CHDF5Shim
import Neuroimaging

extension NIfTIDataType {
    /// The kind and size of number that HDF5 stores for it; nil for colours and complex numbers.
    var number: (kind: percept_h5_kind, size: Int)? {
        switch self {
        case .int8: (PERCEPT_H5_SIGNED, 1)
        case .int16: (PERCEPT_H5_SIGNED, 2)
        case .int32: (PERCEPT_H5_SIGNED, 4)
        case .int64: (PERCEPT_H5_SIGNED, 8)
        case .uint8: (PERCEPT_H5_UNSIGNED, 1)
        case .uint16: (PERCEPT_H5_UNSIGNED, 2)
        case .uint32: (PERCEPT_H5_UNSIGNED, 4)
        case .uint64: (PERCEPT_H5_UNSIGNED, 8)
        case .float32: (PERCEPT_H5_FLOAT, 4)
        case .float64: (PERCEPT_H5_FLOAT, 8)
        case .float128: (PERCEPT_H5_FLOAT, 16)
        case .complex64, .complex128, .complex256, .rgb24, .rgba32: nil
        }
    }

    /// A new HDF5 type for it; below 0 on failure.
    func makeHDF5Type() -> hid_t {
        guard let number else { return -1 }
        return percept_h5_number(Int32(number.kind.rawValue), Int32(number.size))
    }
}

/// A column of a recording: one number for each volume.
enum RecordedColumn: String, CaseIterable {
    case index
    case arrival
    case acquiredAt = "acquired_at"
    case receivedAt = "received_at"
    case slope
    case intercept
    // Last, because it vouches for a volume.
    case checksum

    /// How it is stored, 8 bytes each but for the checksum's 4.
    var dataType: NIfTIDataType {
        switch self {
        case .index, .arrival: .int64
        case .acquiredAt, .receivedAt, .slope, .intercept: .float64
        case .checksum: .uint32
        }
    }
}

/// The layout of a recording.
enum RecordingLayout {
    /// The version of the layout.
    static let version: Int64 = 1
    /// The volumes: `[volume, z, y, x]`.
    static let volumes = "volumes"
    /// The numbers of a column that are stored together.
    static let columnChunk = 128
}
