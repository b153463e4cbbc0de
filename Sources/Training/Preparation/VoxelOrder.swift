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
    ///   - voxels: what is ordered.
    ///   - weights: of each feature for each voxel, these and others, `[features, all voxels]`.
    ///   - patchSize: the voxels of a patch; every cut is between two patches.
    /// - Returns: the voxels in their new order.
    static func similar(_ voxels: [Int], weights: Tensor, patchSize: Int, seed: UInt64) -> [Int] {
        halved(voxels, transposeLast2(weights), patchSize: patchSize, seed: seed)
    }

    private static func halved(_ voxels: [Int], _ rows: Tensor, patchSize: Int, seed: UInt64) -> [Int] {
        guard voxels.count > patchSize else { return voxels }
        let part = rows.selecting(rows: voxels)
        let direction = PrincipalComponents(of: part, count: 1, seed: seed)
        let places = voxels.indices.map { direction.whitened(part.pointer + $0 * part.shape[1])[0] }
        // Equal ones, for instance voxels without a response, keep their order.
        let order = voxels.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { voxels[$0] }
        let patches = (voxels.count + patchSize - 1) / patchSize
        let cut = patches / 2 * patchSize
        return halved(Array(order[..<cut]), rows, patchSize: patchSize, seed: seed)
            + halved(Array(order[cut...]), rows, patchSize: patchSize, seed: seed)
    }
}
