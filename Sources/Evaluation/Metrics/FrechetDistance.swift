import Tensors

/// The Fréchet distance between two sets of features, each taken for a normal distribution: with Inception features the
/// FID (Heusel et al., "GANs trained by a two time-scale update rule", NeurIPS 2017).
///
/// Values of different features, or of different numbers of images, must not be compared.
public enum FrechetDistance {
    /// |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), with sample covariances.
    /// - Parameters:
    ///   - first: `[n, d]`, at least two rows.
    ///   - second: `[m, d]`, at least two rows.
    /// - Returns: nil if a feature is not finite.
    public static func between(_ first: Tensor, _ second: Tensor) -> Double? {
        precondition(
            first.rank == 2 && second.rank == 2 && first.shape[1] == second.shape[1] && first.shape[1] > 0
                && first.shape[0] > 1 && second.shape[0] > 1,
            "Features of shapes \(first.shape) and \(second.shape) cannot be compared."
        )
        let width = first.shape[1]
        let (a, b) = (Gaussian(first), Gaussian(second))
        // (Σ₁Σ₂)^½ has the trace of the symmetric (Σ₁^½ Σ₂ Σ₁^½)^½.
        guard let root = SymmetricEigen(a.covariance, order: width)?.applying({ max($0, 0).squareRoot() }) else {
            return nil
        }
        let right = MatrixProduct.plain(b.covariance, root, rows: width, inner: width, columns: width)
        let product = MatrixProduct.plain(root, right, rows: width, inner: width, columns: width)
        guard let common = SymmetricEigen(product, order: width) else { return nil }
        let means = zip(a.mean, b.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let traces = (0..<width).reduce(0) { $0 + a.covariance[$1 * width + $1] + b.covariance[$1 * width + $1] }
        return max(0, means + traces - 2 * common.values.reduce(0) { $0 + max($1, 0).squareRoot() })
    }

    /// Mean and sample covariance of rows.
    private struct Gaussian {
        let mean: [Double]
        let covariance: [Double]

        init(_ features: Tensor) {
            let (rows, width) = (features.shape[0], features.shape[1])
            var values = features.elements.map(Double.init)
            var mean = [Double](repeating: 0, count: width)
            for (index, value) in values.enumerated() { mean[index % width] += value / Double(rows) }
            for index in values.indices { values[index] -= mean[index % width] }
            let products = MatrixProduct.transposedLeft(values, values, inner: rows, rows: width, columns: width)
            self.mean = mean
            covariance = products.map { $0 / Double(rows - 1) }
        }
    }
}
