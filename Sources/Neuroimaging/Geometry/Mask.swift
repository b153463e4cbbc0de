/// The voxels of a region, in a fixed order: the order of a pattern's values.
public struct Mask: Sendable, Equatable {
    /// The order in which a region's voxels are numbered.
    public enum Order: String, Sendable, Codable, CaseIterable {
        /// x fastest, then y, then z after the grid was reordered to RAS+: from left to right, from back to front, from
        /// bottom to top. It does not depend on how a file stores its axes, so it is the default.
        case anatomical
        /// z fastest, then y, then x of the grid as stored: the order of `data[mask]` in NumPy and of nilearn's maskers.
        case nilearn
    }

    /// The grid that the region is defined on.
    public let grid: VoxelGrid
    /// The places of the voxels in a volume's array, in the order of the pattern.
    public let offsets: [Int]
    /// The order of the voxels.
    public let order: Order

    /// Makes a region of the voxels that are neither zero nor not-a-number.
    ///
    /// Throws `missing` if there are none.
    public init(_ volume: Volume, order: Order = .anatomical) throws(NeuroimagingError) {
        try self.init(grid: volume.grid, order: order) { volume.voxels[$0] != 0 && !volume.voxels[$0].isNaN }
    }

    /// Makes a region of the places that satisfy a condition.
    public init(
        grid: VoxelGrid,
        order: Order = .anatomical,
        contains: (Int) -> Bool
    ) throws(NeuroimagingError) {
        let start: Int
        let (steps, counts): (SIMD3<Int>, SIMD3<Int>)
        switch order {
        case .anatomical:
            let reordering = grid.reordering(to: .ras)
            (start, steps, counts) = (reordering.start, reordering.steps, reordering.grid.shape)
        case .nilearn:
            start = 0
            steps = [grid.shape.x * grid.shape.y, grid.shape.x, 1]
            counts = [grid.shape.z, grid.shape.y, grid.shape.x]
        }
        var offsets: [Int] = []
        for k in 0..<counts.z {
            for j in 0..<counts.y {
                var offset = start + j * steps.y + k * steps.z
                for _ in 0..<counts.x {
                    if contains(offset) { offsets.append(offset) }
                    offset += steps.x
                }
            }
        }
        guard !offsets.isEmpty else {
            throw NeuroimagingError(.missing, "mask", "selects no voxel; check that it is the right file")
        }
        self.grid = grid
        self.offsets = offsets
        self.order = order
    }

    /// Makes a region of the voxels that are brighter than a share of the volume's 98th percentile: roughly the head.
    ///
    /// Throws `missing` if there are none.
    public init(
        brightVoxelsOf volume: Volume,
        share: Float = 0.4,
        order: Order = .anatomical
    ) throws(NeuroimagingError) {
        let sorted = volume.voxels.filter(\.isFinite).sorted()
        let limit = sorted.isEmpty ? .infinity : share * sorted[min(sorted.count - 1, sorted.count * 98 / 100)]
        try self.init(grid: volume.grid, order: order) { volume.voxels[$0] > limit }
    }

    /// The number of voxels.
    public var count: Int { offsets.count }

    /// Where the voxels are, in mm in RAS+.
    public var positions: [SIMD3<Double>] {
        offsets.map { offset in
            grid.affine(SIMD3<Double>(grid.index(offset)))
        }
    }

    /// A volume's values at the voxels.
    public func values(of volume: Volume) -> [Float] {
        precondition(volume.grid.shape == grid.shape, "a mask is applied to a volume of its own grid")
        return offsets.map { volume.voxels[$0] }
    }

    /// A volume that has a pattern's values at the voxels and `background` elsewhere.
    public func volume(of pattern: [Float], background: Float = 0) -> Volume {
        precondition(pattern.count == count, "a pattern has one value for each voxel of its mask")
        var volume = Volume(grid: grid, voxels: [Float](repeating: background, count: grid.count))
        for (offset, value) in zip(offsets, pattern) { volume.voxels[offset] = value }
        return volume
    }

    /// The region on another grid: the voxels whose centres lie at least half inside, by trilinear interpolation.
    ///
    /// Throws `missing` if nothing of the region is on the grid.
    public func resampled(to target: VoxelGrid) throws(NeuroimagingError) -> Mask {
        guard let inverse = grid.affine.inverse else {
            throw NeuroimagingError(.malformed, "mask", "has an affine that cannot be inverted")
        }
        let inside = volume(of: [Float](repeating: 1, count: count))
        let map = inverse * target.affine
        return try Mask(grid: target, order: order) { offset in
            let index = target.index(offset)
            return inside.trilinear(map(SIMD3<Double>(index))) >= 0.5
        }
    }
}

extension Volume {
    /// The value at a point in voxel indices by trilinear interpolation; zero outside.
    public func trilinear(_ point: SIMD3<Double>) -> Float {
        let floor = point.rounded(.down)
        guard (0..<3).allSatisfy({ floor[$0] >= -1 && floor[$0] < Double(grid.shape[$0]) }) else { return 0 }
        let (base, part) = (SIMD3<Int>(Int(floor.x), Int(floor.y), Int(floor.z)), point - floor)
        var sum = 0.0
        for corner in 0..<8 {
            let step = SIMD3<Int>(corner & 1, corner >> 1 & 1, corner >> 2)
            let index = base &+ step
            guard (0..<3).allSatisfy({ (0..<grid.shape[$0]).contains(index[$0]) }) else { continue }
            let weight = (0..<3).reduce(1.0) { $0 * (step[$1] == 1 ? part[$1] : 1 - part[$1]) }
            sum += weight * Double(self[index.x, index.y, index.z])
        }
        return Float(sum)
    }
}
