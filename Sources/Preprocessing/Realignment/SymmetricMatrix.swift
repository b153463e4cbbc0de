/// Small symmetric positive definite matrices, row-major.
enum SymmetricMatrix {
    /// The inverse by Cholesky's decomposition of the matrix scaled to a unit diagonal; nil where it is not definite.
    static func inverse(_ matrix: [Double], order n: Int) -> [Double]? {
        let scales = (0..<n).map { matrix[n * $0 + $0] > 0 ? 1 / matrix[n * $0 + $0].squareRoot() : 0 }
        guard scales.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        var lower = [Double](repeating: 0, count: n * n)
        for row in 0..<n {
            for column in 0...row {
                var sum = matrix[n * row + column] * scales[row] * scales[column]
                for k in 0..<column { sum -= lower[n * row + k] * lower[n * column + k] }
                if row == column {
                    guard sum > 1e-12 else { return nil }
                    lower[n * row + row] = sum.squareRoot()
                } else {
                    lower[n * row + column] = sum / lower[n * column + column]
                }
            }
        }
        var inverse = [Double](repeating: 0, count: n * n)
        for column in 0..<n {
            var x = [Double](repeating: 0, count: n)
            for row in 0..<n {
                var sum = row == column ? 1.0 : 0
                for k in 0..<row { sum -= lower[n * row + k] * x[k] }
                x[row] = sum / lower[n * row + row]
            }
            for row in (0..<n).reversed() {
                for k in (row + 1)..<max(n, row + 1) { x[row] -= lower[n * k + row] * x[k] }
                x[row] /= lower[n * row + row]
            }
            for row in 0..<n { inverse[n * row + column] = x[row] * scales[row] * scales[column] }
        }
        return inverse
    }
}
