/// Which way a grid's axes run: the anatomical direction that each grows toward, as in "RAS" or "LPI".
public struct Orientation: Sendable, Hashable, CustomStringConvertible {
    /// For each axis of the grid the axis of the world that it follows: 0 right–left, 1 front–back, 2 up–down.
    public let axes: SIMD3<Int>
    /// For each axis of the grid whether it runs toward right, front or top.
    public let isPositive: [Bool]

    /// To the right, to the front, to the top.
    public static let ras = Orientation(axes: [0, 1, 2], isPositive: [true, true, true])

    init(axes: SIMD3<Int>, isPositive: [Bool]) {
        self.axes = axes
        self.isPositive = isPositive
    }

    /// The orientation nearest to an affine's: each axis follows a different axis of the world.
    public init(_ affine: Affine) {
        let scales = affine.scales
        let directions = (0..<3).map { affine[$0] / scales[$0] }
        var (best, axes) = (-1.0, SIMD3<Int>(0, 1, 2))
        for permutation: SIMD3<Int> in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let fit = (0..<3).reduce(0.0) { $0 + abs(directions[$1][permutation[$1]]) }
            if fit > best + 1e-9 { (best, axes) = (fit, permutation) }
        }
        self.axes = axes
        isPositive = (0..<3).map { directions[$0][axes[$0]] >= 0 }
    }

    /// Reads three letters of different pairs among R/L, A/P and S/I; nil for anything else.
    public init?(_ codes: String) {
        let letters = Array(codes.uppercased())
        guard letters.count == 3 else { return nil }
        var axes = SIMD3<Int>(repeating: -1)
        var isPositive = [Bool](repeating: true, count: 3)
        for (index, letter) in letters.enumerated() {
            guard let axis = ["RL", "AP", "SI"].firstIndex(where: { $0.contains(letter) }) else { return nil }
            axes[index] = axis
            isPositive[index] = "RAS".contains(letter)
        }
        guard Set([axes.x, axes.y, axes.z]).count == 3 else { return nil }
        self.init(axes: axes, isPositive: isPositive)
    }

    /// The three letters, for instance "RAS".
    public var description: String {
        (0..<3).map { ["LR", "PA", "IS"][axes[$0]].map { String($0) }[isPositive[$0] ? 1 : 0] }.joined()
    }
}

extension Volume {
    /// The same image with its axes exchanged and reversed so that they run as asked; no value changes.
    public func reordered(to orientation: Orientation = .ras) -> Volume {
        let reordering = grid.reordering(to: orientation)
        var result = Volume(zeros: reordering.grid)
        var offset = 0
        for z in 0..<reordering.grid.shape.z {
            for y in 0..<reordering.grid.shape.y {
                var source = reordering.start + y * reordering.steps.y + z * reordering.steps.z
                for _ in 0..<reordering.grid.shape.x {
                    result.voxels[offset] = voxels[source]
                    source += reordering.steps.x
                    offset += 1
                }
            }
        }
        return result
    }
}

extension VoxelGrid {
    /// Which way the axes run.
    public var orientation: Orientation { Orientation(affine) }

    /// The grid with its axes exchanged and reversed so that they run as asked.
    public func reordered(to orientation: Orientation = .ras) -> VoxelGrid { reordering(to: orientation).grid }

    /// How to walk through this grid's array in the order of the reordered grid: the new grid, the place of its first
    /// voxel and the step along each of its axes.
    func reordering(to target: Orientation) -> (grid: VoxelGrid, start: Int, steps: SIMD3<Int>) {
        let current = orientation
        let strides = SIMD3<Int>(1, shape.x, shape.x * shape.y)
        var (newShape, steps, start) = (SIMD3<Int>.zero, SIMD3<Int>.zero, 0)
        var columns = [SIMD3<Double>](repeating: .zero, count: 3)
        var origin = SIMD3<Double>.zero
        for axis in 0..<3 {
            let source = (0..<3).first { current.axes[$0] == target.axes[axis] } ?? axis
            let isReversed = current.isPositive[source] != target.isPositive[axis]
            newShape[axis] = shape[source]
            steps[axis] = isReversed ? -strides[source] : strides[source]
            columns[axis] = isReversed ? -affine[source] : affine[source]
            if isReversed {
                start += (shape[source] - 1) * strides[source]
                origin[source] = Double(shape[source] - 1)
            }
        }
        let affine = Affine(columns[0], columns[1], columns[2], translation: affine(origin))
        return (VoxelGrid(shape: newShape, affine: affine), start, steps)
    }
}
