/// One three-dimensional image of the head at one time point.
public struct Volume: Sendable, Equatable {
    /// Where the voxels are.
    public let grid: VoxelGrid
    /// The intensities, x fastest, then y, then z.
    public var voxels: [Float]

    /// Makes a volume of as many intensities as the grid has voxels.
    public init(grid: VoxelGrid, voxels: [Float]) {
        precondition(voxels.count == grid.count, "a volume has one intensity for every voxel of its grid")
        self.grid = grid
        self.voxels = voxels
    }

    /// Makes a volume of zeros.
    public init(zeros grid: VoxelGrid) {
        self.init(grid: grid, voxels: [Float](repeating: 0, count: grid.count))
    }

    /// The intensity of a voxel.
    public subscript(x: Int, y: Int, z: Int) -> Float {
        get { voxels[grid.offset(x, y, z)] }
        set { voxels[grid.offset(x, y, z)] = newValue }
    }
}
