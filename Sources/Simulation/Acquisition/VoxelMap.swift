import Neuroimaging
import Preprocessing

/// Between voxels and points of the head, as it lies.
struct VoxelMap {
    private let (toHead, toVoxel): (Affine, Affine)

    /// - Parameters:
    ///   - grid: Where voxels are in the scanner.
    ///   - position: Where the head is.
    init(grid: VoxelGrid, position: RigidMotion) {
        let map = position.affine
        let (inverse, voxels) = (map.inverse ?? .identity, grid.affine.inverse ?? .identity)
        toHead = inverse * grid.affine
        toVoxel = voxels * map
    }

    /// The point of the head, in mm, at a place in voxels.
    func head(_ voxel: SIMD3<Double>) -> SIMD3<Double> { toHead(voxel) }

    /// The place in voxels of a point of the head.
    func voxel(_ point: SIMD3<Double>) -> SIMD3<Double> { toVoxel(point) }
}

extension RigidMotion {
    /// A position on the way to another, from 0 to 1.
    func moved(towards other: RigidMotion, _ part: Double) -> RigidMotion {
        RigidMotion(
            translation: translation + part * (other.translation - translation),
            rotation: rotation + part * (other.rotation - rotation)
        )
    }
}

extension VoxelGrid {
    /// The place in a volume's array of whole voxel indices; nil outside.
    func place(_ voxel: SIMD3<Double>) -> Int? {
        guard (0..<3).allSatisfy({ voxel[$0] >= 0 && voxel[$0] < Double(shape[$0]) }) else { return nil }
        return offset(Int(voxel.x), Int(voxel.y), Int(voxel.z))
    }
}
