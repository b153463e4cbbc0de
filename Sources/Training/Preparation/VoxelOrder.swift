import Tensors

/// An order of voxels in which those that follow images alike are neighbours, and so share a patch.
///
/// A patch embedding has the same weights for every patch, and the map from patches to the condition's tokens the same for
/// all that a patch embeds. What differs from voxel to voxel within a patch is therefore hard to read; what a patch's voxels
/// have in common is not.
enum VoxelOrder {
    /// Principal direction divisive partitioning (Boley, Data Mining and Knowledge Discovery 2, 1998): the voxels are sorted
    /// along the direction in which their weights differ most and halved, then each half in the same way, down to a patch.
    ///
    /// - Parameters:
    ///   - weights: of each feature for each voxel, `[features, voxels]`.
    ///   - patchSize: the voxels of a patch; every cut is between two patches.
    /// - Returns: the voxels in their new order.
    static func similar(_ weights: Tensor, patchSize: Int, seed: UInt64) -> [Int] {
        let rows = transposeLast2(weights)
        let patches = (rows.shape[0] + patchSize - 1) / patchSize
        return halved(Array(0..<rows.shape[0]), rows, patches: patches, patchSize: patchSize, seed: seed)
    }

    private static func halved(
        _ voxels: [Int],
        _ rows: Tensor,
        patches: Int,
        patchSize: Int,
        seed: UInt64
    ) -> [Int] {
        guard patches > 1 else { return voxels }
        let part = selectedRows(voxels, rows)
        let direction = PrincipalComponents(of: part, count: 1, seed: seed)
        let places = voxels.indices.map { direction.whitened(part.pointer + $0 * part.shape[1])[0] }
        // Equal ones, for instance voxels without a response, keep their order.
        let order = voxels.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { voxels[$0] }
        let first = patches / 2
        let cut = first * patchSize
        return halved(Array(order[..<cut]), rows, patches: first, patchSize: patchSize, seed: seed)
            + halved(Array(order[cut...]), rows, patches: patches - first, patchSize: patchSize, seed: seed)
    }

    private static func selectedRows(_ indices: [Int], _ rows: Tensor) -> Tensor {
        let width = rows.shape[1]
        let result = Tensor(uninitialized: [indices.count, width])
        for (place, row) in indices.enumerated() {
            (result.pointer + place * width).update(from: rows.pointer + row * width, count: width)
        }
        return result
    }
}
