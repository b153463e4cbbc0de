/// Where the voxels of a volume are: how many along each axis, and the affine.
public struct VoxelGrid: Sendable, Equatable, Codable {
    /// The number of voxels along each axis.
    public let shape: SIMD3<Int>
    /// From voxel indices to millimetres in RAS+.
    public let affine: Affine

    /// Describes a grid.
    ///
    /// Every axis has at least one voxel.
    public init(shape: SIMD3<Int>, affine: Affine) {
        precondition(shape.x > 0 && shape.y > 0 && shape.z > 0, "a grid has at least one voxel along each axis")
        self.shape = shape
        self.affine = affine
    }

    /// The number of voxels.
    public var count: Int { shape.x * shape.y * shape.z }

    /// The size of a voxel in mm.
    public var voxelSize: SIMD3<Double> { affine.scales }

    /// The place of a voxel in a volume's array: x runs fastest, then y, then z.
    public func offset(_ x: Int, _ y: Int, _ z: Int) -> Int { x + shape.x * (y + shape.y * z) }

    /// The voxel indices of a place in a volume's array.
    public func index(_ offset: Int) -> SIMD3<Int> {
        [offset % shape.x, offset / shape.x % shape.y, offset / (shape.x * shape.y)]
    }

    /// Whether two grids have the same shape and corners that are less than `tolerance` mm apart.
    public func matches(_ other: VoxelGrid, tolerance: Double = 1e-2) -> Bool {
        guard shape == other.shape else { return false }
        return (0..<8).allSatisfy { corner in
            let point = SIMD3<Double>(
                corner & 1 == 0 ? 0 : Double(shape.x),
                corner & 2 == 0 ? 0 : Double(shape.y),
                corner & 4 == 0 ? 0 : Double(shape.z)
            )
            return length(affine(point) - other.affine(point)) < tolerance
        }
    }
}
