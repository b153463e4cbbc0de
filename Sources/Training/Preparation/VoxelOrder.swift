import Tensors

/// Orders of voxels by how they follow images.
///
/// A patch embedding has the same weights for every patch, and the map from patches to the condition's tokens the same for
/// all that a patch embeds.
enum VoxelOrder {
    /// An order in which voxels that follow images alike stand at the same place of every patch.
    ///
    /// The weights of the embedding are then those of kinds of voxels; every patch shows the whole response, and their mean
    /// has less noise.
    ///
    /// - Parameters:
    ///   - voxels: what is ordered.
    ///   - weights: of each feature for each voxel, these and others, `[features, all voxels]`.
    ///   - patchSize: the voxels of a patch, and so the number of kinds.
    /// - Returns: the voxels in their new order.
    static func aligned(_ voxels: [Int], weights: Tensor, patchSize: Int, seed: UInt64) -> [Int] {
        let (patches, rest) = voxels.count.quotientAndRemainder(dividingBy: patchSize)
        let sizes = (0..<min(patchSize, voxels.count)).map { patches + ($0 < rest ? 1 : 0) }
        let kinds = groups(of: voxels, transposeLast2(weights), sizes: sizes[...], seed: seed)
        return (0...patches).flatMap { patch in kinds.compactMap { patch < $0.count ? $0[patch] : nil } }
    }

    /// Groups of voxels that follow images alike, by principal direction divisive partitioning (Boley, Data Mining and
    /// Knowledge Discovery 2, 1998): voxels are sorted along the direction in which their weights differ most and halved,
    /// then each half in the same way, down to the groups.
    private static func groups(of voxels: [Int], _ rows: Tensor, sizes: ArraySlice<Int>, seed: UInt64) -> [[Int]] {
        guard sizes.count > 1 else { return [voxels] }
        let part = rows.selecting(rows: voxels)
        let direction = PrincipalComponents(of: part, count: 1, seed: seed)
        let places = voxels.indices.map { direction.whitened(part.pointer + $0 * part.shape[1])[0] }
        // Equal ones, for instance voxels without a response, keep their order.
        let order = voxels.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { voxels[$0] }
        let half = sizes.startIndex + sizes.count / 2
        let cut = sizes[..<half].reduce(0, +)
        return groups(of: Array(order[..<cut]), rows, sizes: sizes[..<half], seed: seed)
            + groups(of: Array(order[cut...]), rows, sizes: sizes[half...], seed: seed)
    }
}
