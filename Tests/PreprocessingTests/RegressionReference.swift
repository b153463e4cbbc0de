import Tensors

/// Batch least squares by Gram–Schmidt, orthogonalised twice: another way to the same numbers.
struct BatchFit {
    /// An orthonormal basis of the columns that do not depend on earlier ones.
    private(set) var basis: [[Double]] = []
    /// The columns that it comes from.
    private(set) var pivots: [Int] = []
    private let columns: [[Double]]

    /// Orthogonalises the columns of a design of `rows`, row i times `weights[i]`.
    init(rows: [[Double]], weights: [Double]) {
        columns = (rows.first ?? []).indices.map { column in rows.indices.map { rows[$0][column] * weights[$0] } }
        for (index, column) in columns.enumerated() {
            var rest = column
            for _ in 0..<2 {
                for vector in basis {
                    let part = dot(vector, rest)
                    for row in rest.indices { rest[row] -= part * vector[row] }
                }
            }
            let length = dot(rest, rest).squareRoot()
            guard length > 1e-8 * dot(column, column).squareRoot() else { continue }
            basis.append(rest.map { $0 / length })
            pivots.append(index)
        }
    }

    /// The rank of the design.
    var rank: Int { basis.count }

    /// The coefficients of the pivot columns, zero for others, and the residual sum of squares.
    func fit(_ responses: [Double]) -> (coefficients: [Double], residualSquares: Double) {
        var rest = responses
        var parts: [Double] = []
        for vector in basis {
            let part = dot(vector, rest)
            parts.append(part)
            for row in rest.indices { rest[row] -= part * vector[row] }
        }
        // Back substitution with R = Qᵀ·columns.
        var coefficients = [Double](repeating: 0, count: columns.count)
        for index in pivots.indices.reversed() {
            var sum = parts[index]
            for later in (index + 1)..<max(index + 1, pivots.count) {
                sum -= dot(basis[index], columns[pivots[later]]) * coefficients[pivots[later]]
            }
            coefficients[pivots[index]] = sum / dot(basis[index], columns[pivots[index]])
        }
        return (coefficients, dot(rest, rest))
    }

    /// The diagonal element of the inverse normal matrix that belongs to a pivot column.
    func inverseDiagonal(_ column: Int) -> Double {
        let unit = (0..<rank).map { index in
            // Column `column` of R⁻¹'s rows: fit each basis vector.
            fit(basis[index]).coefficients[column]
        }
        return dot(unit, unit)
    }
}

func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
}

/// Seeded rows of normal numbers.
func normalRows(_ rows: Int, _ columns: Int, seed: UInt64) -> [[Double]] {
    var numbers = RandomNumbers(seed: seed, purpose: "regression tests")
    return (0..<rows).map { _ in (0..<columns).map { _ in Double(numbers.normalPair().0) } }
}

/// √λⁿ⁻¹⁻ⁱ.
func fadingWeights(_ count: Int, forgetting: Double) -> [Double] {
    var weights = [Double](repeating: 1, count: count)
    for index in weights.indices.dropLast().reversed() {
        weights[index] = weights[index + 1] * forgetting.squareRoot()
    }
    return weights
}

/// Rows less ρ times the previous one, the first times √(1 − ρ²).
func whitened(_ rows: [[Double]], _ coefficient: Double) -> [[Double]] {
    rows.indices.map { index in
        index == 0
            ? rows[0].map { $0 * (1 - coefficient * coefficient).squareRoot() }
            : rows[index].indices.map { rows[index][$0] - coefficient * rows[index - 1][$0] }
    }
}

/// Whether two numbers agree to `tolerance` relative to their size and a scale.
func agree(_ a: Double, _ b: Double, scale: Double = 1, tolerance: Double = 1e-6) -> Bool {
    abs(a - b) <= tolerance * max(abs(a), abs(b), scale)
}
