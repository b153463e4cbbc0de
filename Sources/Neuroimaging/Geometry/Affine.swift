/// A map of three-dimensional space: a matrix of three columns and a translation.
///
/// The affine of a grid maps voxel indices (0-based, to a voxel's centre) to millimetres in RAS+:
/// x grows to the right, y to the front, z to the top of the head, as in NIfTI-1.
public struct Affine: Sendable, Equatable, Codable {
    /// Where the unit steps along the three axes lead.
    public var columns: (x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>)
    /// Where the origin is.
    public var translation: SIMD3<Double>

    /// The map that changes nothing.
    public static let identity = Affine([1, 0, 0], [0, 1, 0], [0, 0, 1], translation: .zero)

    /// Makes a map of its columns.
    public init(_ x: SIMD3<Double>, _ y: SIMD3<Double>, _ z: SIMD3<Double>, translation: SIMD3<Double>) {
        columns = (x, y, z)
        self.translation = translation
    }

    /// Makes a map of the first three rows of its 4×4 matrix.
    public init(rows a: SIMD4<Double>, _ b: SIMD4<Double>, _ c: SIMD4<Double>) {
        columns = ([a.x, b.x, c.x], [a.y, b.y, c.y], [a.z, b.z, c.z])
        translation = [a.w, b.w, c.w]
    }

    /// A scaling of each axis.
    public static func scaling(_ factors: SIMD3<Double>) -> Affine {
        Affine([factors.x, 0, 0], [0, factors.y, 0], [0, 0, factors.z], translation: .zero)
    }

    /// The column of an axis, 0 to 2.
    public subscript(axis: Int) -> SIMD3<Double> {
        get { axis == 0 ? columns.x : axis == 1 ? columns.y : columns.z }
        set {
            switch axis {
            case 0: columns.x = newValue
            case 1: columns.y = newValue
            default: columns.z = newValue
            }
        }
    }

    /// Where a point goes.
    public func callAsFunction(_ point: SIMD3<Double>) -> SIMD3<Double> {
        columns.x * point.x + columns.y * point.y + columns.z * point.z + translation
    }

    /// The map that applies `right`, then `left`.
    public static func * (left: Affine, right: Affine) -> Affine {
        Affine(
            left.turned(right.columns.x),
            left.turned(right.columns.y),
            left.turned(right.columns.z),
            translation: left(right.translation)
        )
    }

    /// Where a direction goes: the map without its translation.
    public func turned(_ direction: SIMD3<Double>) -> SIMD3<Double> {
        columns.x * direction.x + columns.y * direction.y + columns.z * direction.z
    }

    /// The determinant of the matrix; negative where the map mirrors.
    public var determinant: Double { (columns.x * cross(columns.y, columns.z)).sum() }

    /// The map back, or nil where there is none.
    public var inverse: Affine? {
        let determinant = determinant
        guard determinant.isFinite, abs(determinant) > 1e-300 else { return nil }
        let (a, b, c) = (
            cross(columns.y, columns.z) / determinant,
            cross(columns.z, columns.x) / determinant,
            cross(columns.x, columns.y) / determinant
        )
        let matrix = Affine(rows: SIMD4(a, 0), SIMD4(b, 0), SIMD4(c, 0))
        return Affine(matrix[0], matrix[1], matrix[2], translation: -matrix.turned(translation))
    }

    /// The lengths of the columns: of a grid's affine, the voxel size in mm.
    public var scales: SIMD3<Double> { [length(columns.x), length(columns.y), length(columns.z)] }

    /// Whether every number is finite and the map can be inverted.
    public var isUsable: Bool {
        let sum = columns.x.sum() + columns.y.sum() + columns.z.sum() + translation.sum()
        return sum.isFinite && inverse != nil
    }

    /// The first three rows of the 4×4 matrix.
    public var rows: [SIMD4<Double>] {
        (0..<3).map { [columns.x[$0], columns.y[$0], columns.z[$0], translation[$0]] }
    }

    /// The twelve numbers of the first three rows, row by row.
    public var numbers: [Double] { rows.flatMap { [$0.x, $0.y, $0.z, $0.w] } }

    /// Makes a map of its twelve `numbers`.
    public init(numbers: [Double]) {
        precondition(numbers.count == 12, "an affine has 12 numbers")
        let row = { (first: Int) in SIMD4(numbers[first], numbers[first + 1], numbers[first + 2], numbers[first + 3]) }
        self.init(rows: row(0), row(4), row(8))
    }

    /// The largest difference between two maps' numbers.
    public func distance(to other: Affine) -> Double {
        zip(rows, other.rows).map { left, right in
            (0..<4).map { abs(left[$0] - right[$0]) }.max() ?? 0
        }.max() ?? 0
    }

    /// Whether two maps have the same numbers.
    public static func == (left: Affine, right: Affine) -> Bool { left.rows == right.rows }

    /// Reads the twelve numbers, row by row.
    public init(from decoder: any Decoder) throws {
        let values = try [Double](from: decoder)
        guard values.count == 12 else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "an affine has 12 numbers")
            )
        }
        self.init(numbers: values)
    }

    /// Writes the twelve numbers, row by row.
    public func encode(to encoder: any Encoder) throws {
        try numbers.encode(to: encoder)
    }
}

/// The length of a vector.
public func length(_ vector: SIMD3<Double>) -> Double { (vector * vector).sum().squareRoot() }

/// The vector product.
public func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    [a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x]
}
