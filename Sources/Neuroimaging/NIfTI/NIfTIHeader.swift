/// What a NIfTI-1 or NIfTI-2 header says (`nifti1.h`, `nifti2.h` of the NIfTI Data Format Working Group).
public struct NIfTIHeader: Sendable, Equatable {
    /// 1 or 2.
    public var version = 1
    /// Whether numbers are stored with the high byte first.
    public var isBigEndian = false
    /// Whether header and voxels are in one file.
    public var isSingleFile = true
    /// The length of each axis that the file declares, up to seven; trailing ones are kept.
    public var dimensions: [Int]
    /// How a voxel is stored.
    public var dataType: NIfTIDataType
    /// Voxel sizes in mm, then the steps of the further axes, in `pixdim` order (without `pixdim[0]`).
    public var spacings: [Double]
    /// From voxel indices to mm in RAS+: the sform if its code is above 0, else the qform if its code is, else voxel
    /// sizes with x mirrored and the centre of the grid at the origin, as nibabel does.
    public var affine: Affine
    /// The codes of the coordinate systems: 0 none, 1 scanner, 2 aligned, 3 Talairach, 4 MNI.
    public var codes: (qform: Int, sform: Int) = (1, 1)
    /// Value = slope × stored + intercept.
    public var scaling: (slope: Double, intercept: Double) = (1, 0)
    /// Where the voxels begin.
    public var dataOffset = 352
    /// The unit of time of the fourth spacing (`xyzt_units`): 8 s, 16 ms, 24 µs, 0 unknown.
    public var timeUnit = 8
    /// Free text.
    public var description = ""

    /// Describes an image of `volumes` volumes on a grid.
    public init(grid: VoxelGrid, volumes: Int = 1, repetitionTime: Double? = nil, dataType: NIfTIDataType = .float32) {
        dimensions = [grid.shape.x, grid.shape.y, grid.shape.z] + (volumes == 1 ? [] : [volumes])
        spacings = [grid.voxelSize.x, grid.voxelSize.y, grid.voxelSize.z, repetitionTime ?? 0]
        affine = grid.affine
        self.dataType = dataType
    }

    init(dimensions: [Int], dataType: NIfTIDataType, spacings: [Double], affine: Affine) {
        self.dimensions = dimensions
        self.dataType = dataType
        self.spacings = spacings
        self.affine = affine
    }

    /// The grid of one volume.
    public var grid: VoxelGrid {
        let shape = (0..<3).map { $0 < dimensions.count ? dimensions[$0] : 1 }
        return VoxelGrid(shape: [shape[0], shape[1], shape[2]], affine: affine)
    }

    /// The number of volumes: the product of the axes after the third.
    public var volumes: Int { dimensions.dropFirst(3).reduce(1, *) }

    /// The time between volumes in seconds, where the file states one.
    ///
    /// Files without a unit state seconds or milliseconds; above 30 it is taken for milliseconds.
    public var repetitionTime: Double? {
        guard spacings.count > 3, spacings[3] > 0, spacings[3].isFinite else { return nil }
        switch timeUnit {
        case 8: return spacings[3]
        case 16: return spacings[3] / 1e3
        case 24: return spacings[3] / 1e6
        default: return spacings[3] > 30 ? spacings[3] / 1e3 : spacings[3]
        }
    }

    /// Whether two headers say the same.
    public static func == (left: NIfTIHeader, right: NIfTIHeader) -> Bool {
        left.version == right.version && left.isBigEndian == right.isBigEndian
            && left.isSingleFile == right.isSingleFile && left.dimensions == right.dimensions
            && left.dataType == right.dataType && left.spacings == right.spacings && left.affine == right.affine
            && left.codes == right.codes && left.scaling == right.scaling && left.dataOffset == right.dataOffset
            && left.timeUnit == right.timeUnit && left.description == right.description
    }
}
