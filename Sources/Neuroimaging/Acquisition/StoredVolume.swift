import CZlib

/// A volume as a scanner or a file stores it: numbers of some type, with the scale that makes intensities of them.
public struct StoredVolume: Sendable, Equatable {
    /// Where the voxels are.
    public let grid: VoxelGrid
    /// The type of the numbers, one real number for each voxel.
    public let dataType: NIfTIDataType
    /// The numbers, little-endian, x fastest, then y, then z.
    public let bytes: [UInt8]
    /// The intensity of a voxel is slope × number + intercept.
    public let slope: Double
    /// The intensity of the number 0.
    public let intercept: Double

    /// Checks that there is a number for every voxel.
    ///
    /// Throws `unsupported` for colours and complex numbers, `inconsistent` if the bytes do not fill the grid or the
    /// scale is not finite.
    public init(
        grid: VoxelGrid,
        dataType: NIfTIDataType,
        bytes: [UInt8],
        slope: Double = 1,
        intercept: Double = 0
    ) throws(NeuroimagingError) {
        guard dataType.isScalar else {
            throw NeuroimagingError(.unsupported, "volume", "has voxels of type \(dataType), not one real number each")
        }
        guard bytes.count / dataType.size == grid.count, bytes.count % dataType.size == 0 else {
            throw NeuroimagingError(
                .inconsistent,
                "volume",
                "has \(bytes.count) bytes, not the \(grid.count * dataType.size) of \(grid.count) voxels of \(dataType)"
            )
        }
        guard slope.isFinite, intercept.isFinite else {
            throw NeuroimagingError(.inconsistent, "volume", "has the scale \(slope) × number + \(intercept)")
        }
        (self.grid, self.dataType, self.bytes, self.slope, self.intercept) = (grid, dataType, bytes, slope, intercept)
    }

    /// Stores a volume in single precision.
    public init(_ volume: Volume) {
        grid = volume.grid
        dataType = .float32
        bytes = volume.voxels.withUnsafeBytes { Array($0) }
        (slope, intercept) = (1, 0)
    }

    /// The intensities in single precision.
    public var volume: Volume {
        Volume(
            grid: grid,
            voxels: VoxelDecoding.floats(bytes, dataType, isBigEndian: false, (slope: slope, intercept: intercept))
        )
    }

    /// The CRC-32 of the bytes, as zlib and PNG compute it.
    public var checksum: UInt32 { bytes.withUnsafeBytes { Self.checksum($0) } }

    /// The CRC-32 of some bytes, as zlib and PNG compute it.
    public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
    }
}
