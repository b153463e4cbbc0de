/// The Cholesky factor of a small positive definite matrix, in float64.
struct CholeskyFactor {
    private let size: Int
    private var lower: [Double]

    /// Factors a symmetric matrix `[size, size]`.
    init(_ matrix: [Double], size: Int) {
        precondition(matrix.count == size * size, "\(matrix.count) values are no \(size)×\(size) matrix.")
        self.size = size
        lower = [Double](repeating: 0, count: size * size)
        for row in 0..<size {
            for column in 0...row {
                var sum = matrix[row * size + column]
                for index in 0..<column { sum -= lower[row * size + index] * lower[column * size + index] }
                if row == column {
                    precondition(sum > 0, "The matrix is not positive definite.")
                    lower[row * size + row] = sum.squareRoot()
                } else {
                    lower[row * size + column] = sum / lower[column * size + column]
                }
            }
        }
    }

    /// The solution of matrix·x = b.
    func solve(_ b: [Double]) -> [Double] {
        var x = b
        for row in 0..<size {
            for column in 0..<row { x[row] -= lower[row * size + column] * x[column] }
            x[row] /= lower[row * size + row]
        }
        for row in (0..<size).reversed() {
            for column in row + 1..<size { x[row] -= lower[column * size + row] * x[column] }
            x[row] /= lower[row * size + row]
        }
        return x
    }
}
