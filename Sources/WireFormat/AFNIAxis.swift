/// The direction in which an axis of AFNI's grid runs, from one side of the body to the other.
struct AFNIAxis: Equatable {
    /// The axis of DICOM's space: 0 to the left, 1 to the back, 2 to the top.
    let world: Int
    /// Whether it runs toward left, back or top.
    let isPositive: Bool

    /// The sides of the body at which DICOM's axes begin, and those at which they end.
    private static let sides: [(from: Character, to: Character)] = [("R", "L"), ("A", "P"), ("I", "S")]

    init(world: Int, isPositive: Bool) { (self.world, self.isPositive) = (world, isPositive) }

    /// Reads `R-L`, `RL` or `Right-to-Left`.
    init?(_ text: Substring) {
        let words = text.uppercased().split(separator: "-")
        let letters: [Character?] = words.count > 1 ? [words[0].first, words.last?.first] : Array(words.first ?? "")
        guard letters.count == 2, let from = letters[0], let to = letters[1] else { return nil }
        for (world, side) in Self.sides.enumerated() {
            if (from, to) == side { self.init(world: world, isPositive: true); return }
            if (to, from) == side { self.init(world: world, isPositive: false); return }
        }
        return nil
    }

    /// `R-L` or the like.
    var code: String {
        let side = Self.sides[world]
        return isPositive ? "\(side.from)-\(side.to)" : "\(side.to)-\(side.from)"
    }

    /// The sign of a coordinate that is given as so far toward a side, or nil if the side is not of this axis.
    func sign(toward side: Character) -> Double? {
        if side == Self.sides[world].to { return 1 }
        return side == Self.sides[world].from ? -1 : nil
    }

    /// A coordinate of DICOM's space as a distance with the side that it lies on.
    func place(_ coordinate: Double) -> String {
        "\(abs(coordinate))\(coordinate < 0 ? Self.sides[world].from : Self.sides[world].to)"
    }
}

/// The axes, sizes and offsets that make an affine.
struct AFNIGeometry {
    /// The first voxel of an axis: so many mm, toward a side of the body if it is named.
    struct Origin {
        let distance: Double
        let side: Character?
    }

    var axes: [AFNIAxis]
    var shape: SIMD3<Int>
    var voxelSize: SIMD3<Double>
    /// Nil for an axis whose middle is at the offset from 0.
    var first: [Origin?] = [nil, nil, nil]
    var offset = SIMD3<Double>.zero

    /// The first three rows of the map from voxel indices to mm in RAS+, row by row.
    ///
    /// A distance without side, and an offset, count toward the side where the axis begins.
    var affine: [Double] {
        var rows = [Double](repeating: 0, count: 12)
        for (index, axis) in axes.enumerated() {
            let direction = axis.isPositive ? 1.0 : -1.0
            let centred = 0.5 * Double(shape[index] - 1) * voxelSize[index] + offset[index]
            let origin = first[index]
            let sign = origin?.side.flatMap(axis.sign(toward:)) ?? -direction
            rows[axis.world * 4 + index] = direction * voxelSize[index]
            rows[axis.world * 4 + 3] = sign * (origin?.distance ?? centred)
        }
        return Self.reflected(rows)
    }

    /// Turns DICOM's space, where x grows to the left and y to the back, into RAS+, or back.
    static func reflected(_ rows: [Double]) -> [Double] {
        rows.enumerated().map { $0 < 8 ? ($1 == 0 ? 0 : -$1) : $1 }
    }

    /// The determinant of the 3×3 part of a matrix given by its rows of four.
    static func determinant(_ m: [Double]) -> Double {
        m[0] * (m[5] * m[10] - m[6] * m[9]) - m[1] * (m[4] * m[10] - m[6] * m[8]) + m[2] * (m[4] * m[9] - m[5] * m[8])
    }
}
