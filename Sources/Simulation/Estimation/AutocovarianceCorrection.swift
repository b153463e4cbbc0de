import Foundation

/// What removing trends does to the autocovariance of noise, and back (Worsley and others, NeuroImage 15, 2002, appendix).
///
/// Sums of lagged products of residuals are linear in the autocovariances of the noise; the equations are solved, with
/// those of longer lags taken as 0.
struct AutocovarianceCorrection {
    private let count: Int
    private let lags: Int
    /// The inverse of the equations' matrix, row by row.
    private let inverse: [[Double]]

    /// Prepares for residuals from which orthonormal columns were removed.
    init(basis: [[Double]], lags: Int = 6) {
        let count = basis.first?.count ?? 0
        let lags = min(lags, max(1, count / 4))
        (self.count, self.lags) = (count, lags)
        // R = 1 − QQᵀ, symmetric.
        var residual = [Double](repeating: 0, count: count * count)
        for row in 0..<count {
            residual[row * count + row] = 1
            for column in basis {
                for other in 0..<count { residual[row * count + other] -= column[row] * column[other] }
            }
        }
        let matrix = (0...lags).map { lag in
            (0...lags).map { other in Self.trace(residual, count, lag, other) }
        }
        inverse = Self.inverse(of: matrix)
    }

    /// The variance and the correlation from volume to volume of the noise behind a series of residuals.
    func estimate(_ series: [Double]) -> (variance: Double, correlation: Double) {
        let sums = (0...lags).map { lag in
            var sum = 0.0
            for index in 0..<count - lag { sum += series[index] * series[index + lag] }
            return sum
        }
        let covariances = inverse.prefix(2).map { row in zip(row, sums).reduce(0) { $0 + $1.0 * $1.1 } }
        let variance = max(covariances[0], 1e-300)
        return (variance, max(-1, min(1, covariances[1] / variance)))
    }

    /// The expected sum of products of residuals `lag` apart if the noise has covariance 1 at the lag `other` alone:
    /// the trace of D R S R, with D the shift by `lag` and S ones at distance `other`.
    private static func trace(_ residual: [Double], _ count: Int, _ lag: Int, _ other: Int) -> Double {
        var sum = 0.0
        for row in 0..<count - lag {
            let (a, b) = (row * count, (row + lag) * count)
            for column in 0..<count - other {
                sum += residual[a + column] * residual[b + column + other]
                if other > 0 { sum += residual[a + column + other] * residual[b + column] }
            }
        }
        return sum
    }

    /// Gauss-Jordan elimination with pivots; the matrix is small and nearly diagonal.
    private static func inverse(of matrix: [[Double]]) -> [[Double]] {
        let size = matrix.count
        var rows = matrix.enumerated().map { index, row in row + (0..<size).map { $0 == index ? 1.0 : 0.0 } }
        for column in 0..<size {
            let pivot = (column..<size).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
            rows.swapAt(column, pivot)
            let scale = rows[column][column]
            rows[column] = rows[column].map { $0 / scale }
            for row in 0..<size where row != column {
                let factor = rows[row][column]
                for index in 0..<2 * size { rows[row][index] -= factor * rows[column][index] }
            }
        }
        return rows.map { Array($0.dropFirst(size)) }
    }
}
