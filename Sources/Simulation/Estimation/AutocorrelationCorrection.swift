import Foundation

/// What removing trends does to the variance and the correlation of autoregressive noise, and back.
struct AutocorrelationCorrection {
    /// Correlations of the noise, and what residuals of unit noise then have: their power and lagged product.
    private let table: [(correlation: Double, power: Double, lagged: Double)]

    /// Prepares for residuals from which orthonormal columns were removed.
    init(basis: [[Double]]) {
        let count = basis.first?.count ?? 0
        table = stride(from: -0.6, through: 0.96, by: 0.04).map { correlation in
            // With R = 1 − QQᵀ and S the noise's correlations: the traces of RSR and of its first off-diagonal.
            var (power, lagged) = (Double(count), Double(count - 1) * correlation)
            let smoothed = basis.map { Self.filtered($0, correlation) }
            for (column, image) in zip(basis, smoothed) {
                power -= zip(column, image).reduce(0) { $0 + $1.0 * $1.1 }
                for index in 0..<count - 1 {
                    lagged -= column[index] * image[index + 1] + column[index + 1] * image[index]
                }
            }
            for (a, image) in zip(basis, smoothed) {
                for b in basis {
                    let inner = zip(b, image).reduce(0) { $0 + $1.0 * $1.1 }
                    for index in 0..<count - 1 { lagged += inner * b[index] * a[index + 1] }
                }
            }
            return (correlation, power, lagged)
        }
    }

    /// The correlation and the variance of the noise whose residuals have a power and a lagged product.
    func solve(power: Double, lagged: Double) -> (correlation: Double, variance: Double) {
        let ratio = lagged / power
        let above = table.firstIndex { $0.lagged / $0.power >= ratio } ?? table.count - 1
        let (low, high) = (table[max(0, above - 1)], table[above])
        let (a, b) = (low.lagged / low.power, high.lagged / high.power)
        let part = b > a ? min(1, max(0, (ratio - a) / (b - a))) : 0
        let unit = low.power + part * (high.power - low.power)
        return (low.correlation + part * (high.correlation - low.correlation), power / unit)
    }

    /// The product with the matrix of correlations ρ^|i−j|.
    private static func filtered(_ column: [Double], _ correlation: Double) -> [Double] {
        var result = column
        var sum = 0.0
        for index in column.indices {
            result[index] += correlation * sum
            sum = correlation * sum + column[index]
        }
        sum = 0
        for index in column.indices.reversed() {
            result[index] += correlation * sum
            sum = correlation * sum + column[index]
        }
        return result
    }
}
