/// A plane rotation that clears one element of a new row.
struct GivensRotation: Sendable {
    /// The factor of what it turns in its own place.
    var cosine = 1.0
    /// The factor of what it takes from the other place.
    var sine = 0.0

    /// No rotation: the row of the triangular factor is empty and stays so.
    static let skipped = GivensRotation(cosine: 0, sine: 0)

    /// Whether it is no rotation.
    var isSkipped: Bool { cosine == 0 && sine == 0 }
}

/// The triangular factor R of a design matrix that grows by one row at a time.
///
/// It is never refactored: each row is turned into R by Givens rotations (Golub & Van Loan, "Matrix Computations",
/// §5.2 and §6.5). A column that depends on earlier ones has a zero on the diagonal and a zero row (Miller, algorithm
/// AS 274, Applied Statistics 41, 1992).
struct TriangularFactor: Sendable {
    /// The number p of columns.
    let columns: Int
    private let forgetting: Double
    private let tolerance: Double
    /// √λ, by which rows that were there before fade.
    let fading: Double
    /// R, p×p by rows, zero below the diagonal.
    private(set) var elements: [Double]
    /// The sums of squares of the columns of the design, faded.
    private(set) var squaredNorms: [Double]
    /// The sum of the weights of the rows, those of precisions included.
    private(set) var weight = 0.0
    /// The number of rows.
    private(set) var rows = 0
    /// The rotations of the latest row, one per column; they apply to faded numbers.
    private(set) var rotations: [GivensRotation]
    private var row: [Double]

    /// Starts without rows; `precisions` are as if there had been a row for each column that is not 0, of its square root
    /// there and 0 elsewhere, with responses of 0.
    init(columns: Int, forgetting: Double, tolerance: Double, precisions: [Double] = []) {
        self.columns = columns
        self.forgetting = forgetting
        self.tolerance = tolerance
        fading = forgetting.squareRoot()
        elements = [Double](repeating: 0, count: columns * columns)
        squaredNorms = [Double](repeating: 0, count: columns)
        rotations = [GivensRotation](repeating: GivensRotation(), count: columns)
        row = [Double](repeating: 0, count: columns)
        for (column, precision) in precisions.enumerated() where precision > 0 {
            elements[column * (columns + 1)] = precision.squareRoot()
            squaredNorms[column] = precision
            weight += 1
        }
    }

    /// The number of columns that do not depend on earlier ones.
    var rank: Int {
        var count = 0
        for column in 0..<columns where elements[column * (columns + 1)] > 0 { count += 1 }
        return count
    }

    /// Turns a row into R and leaves the rotations that did it.
    mutating func absorb(_ newRow: [Double]) {
        rows += 1
        weight = forgetting * weight + 1
        for column in 0..<columns {
            row[column] = newRow[column]
            squaredNorms[column] = forgetting * squaredNorms[column] + newRow[column] * newRow[column]
        }
        for pivot in 0..<columns { rotate(at: pivot) }
    }

    /// The length below which a row counts as faded away; its square is still an ordinary number.
    private static let vanishing = 1e-140

    private mutating func rotate(at pivot: Int) {
        let start = pivot * columns
        let diagonal = fading * elements[start + pivot]
        let rest = row[pivot]
        let length = (diagonal * diagonal + rest * rest).squareRoot()
        let isRounding = rest * rest <= tolerance * tolerance * squaredNorms[pivot]
        // A column without a diagonal must not start from what rounding has left of it, and one that has faded away
        // must not end as the smallest number there is.
        if length < Self.vanishing || diagonal == 0 && isRounding {
            rotations[pivot] = .skipped
            if diagonal > 0 { for column in pivot..<columns { elements[start + column] = 0 } }
            return
        }
        let (c, s) = (diagonal / length, rest / length)
        rotations[pivot] = GivensRotation(cosine: c, sine: s)
        for column in pivot..<columns {
            let above = fading * elements[start + column]
            elements[start + column] = c * above + s * row[column]
            row[column] = c * row[column] - s * above
        }
    }

    /// The rotations applied to one further column: its part in R's rows is updated, what is left is returned.
    func rotate(_ value: Double, part: UnsafeMutablePointer<Double>) -> Double {
        var rest = value
        for pivot in 0..<columns where !rotations[pivot].isSkipped {
            let (c, s) = (rotations[pivot].cosine, rotations[pivot].sine)
            let above = fading * part[pivot]
            part[pivot] = c * above + s * rest
            rest = c * rest - s * above
        }
        return rest
    }

    /// Solves Rᵀw = x, so that x·β = w·Qᵀy for the coefficients β of every voxel.
    ///
    /// Columns that depend on earlier ones get a weight, and so a coefficient, of zero.
    func solve(_ vector: [Double], into weights: UnsafeMutableBufferPointer<Double>) {
        for column in 0..<columns {
            let diagonal = elements[column * (columns + 1)]
            guard diagonal > 0 else {
                weights[column] = 0
                continue
            }
            var sum = vector[column]
            for earlier in 0..<column { sum -= elements[earlier * columns + column] * weights[earlier] }
            weights[column] = sum / diagonal
        }
    }

    func save(to state: inout StateWriter) {
        state.write(elements)
        state.write(squaredNorms)
        state.write(weight)
        state.write(rows)
    }

    mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        let elements = try state.doubles(columns * columns)
        let squaredNorms = try state.doubles(columns)
        let weight = try state.double()
        let rows = try state.integer()
        let isSound =
            elements.allSatisfy(\.isFinite) && squaredNorms.allSatisfy { $0 >= 0 } && weight >= 0
            && rows.isPlausibleCount
        guard isSound else {
            throw PreprocessingError(.damagedState, "saved regression", "holds impossible numbers; it is damaged")
        }
        (self.elements, self.squaredNorms, self.weight, self.rows) = (elements, squaredNorms, weight, rows)
    }
}
