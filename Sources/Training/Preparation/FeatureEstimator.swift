import Tensors

/// The features of images as generalised least squares estimates them from responses: an inverted encoding model (Brouwer &
/// Heeger, Journal of Neuroscience 29, 2009).
///
/// With W the weights of the encoding model and N the covariance of its noise, estimates are (W·N⁻¹·Wᵀ)⁻¹·W·N⁻¹·response.
struct FeatureEstimator {
    /// What a response is multiplied by, `[features, voxels]`.
    let projection: Tensor

    /// Inverts a model of which every voxel has noise of its own.
    init(_ model: EncodingModel) {
        let (k, voxels, n) = (model.weights.shape[0], model.weights.shape[1], model.residuals.shape[0])
        let shared = model.options.correlatedNoise
        precondition(shared < 1, "Without noise of its own a voxel has no weight.")
        // N = D + RᵀR·share/n, and N⁻¹ by the identity of Woodbury.
        let precision = model.deviations.map { $0 > 0 ? 1 / (Float(1 - shared) * $0 * $0) : 0 }
        func divided(_ rows: Tensor) -> Tensor {
            let result = rows.copy()
            for row in 0..<rows.shape[0] {
                for voxel in 0..<voxels { result.pointer[row * voxels + voxel] *= precision[voxel] }
            }
            return result
        }
        let weighted = divided(model.weights)
        if shared > 0 {
            let residuals = divided(model.residuals)
            var inner = matrixMultiply(residuals, model.residuals, transposeB: true).elements.map(Double.init)
            for index in 0..<n { inner[index * n + index] += Double(n) / shared }
            let factor = CholeskyFactor(inner, size: n)
            let products = matrixMultiply(weighted, model.residuals, transposeB: true)
            let solved = (0..<k).flatMap { feature in
                factor.solve(products.rows(feature..<feature + 1).elements.map(Double.init)).map(Float.init)
            }
            let correction = matrixMultiply(Tensor(solved, shape: [k, n]), residuals)
            for index in 0..<weighted.count { weighted.pointer[index] -= correction.pointer[index] }
        }
        var information = matrixMultiply(weighted, model.weights, transposeB: true).elements.map(Double.init)
        // A feature that no voxel follows has no finite estimate.
        let mean = (0..<k).reduce(0) { $0 + information[$1 * k + $1] } / Double(k)
        for index in 0..<k { information[index * k + index] += max(mean, 1e-9) * 1e-6 }
        let factor = CholeskyFactor(information, size: k)
        let inverse = (0..<k).flatMap { column in
            factor.solve((0..<k).map { $0 == column ? 1 : 0 }).map(Float.init)
        }
        projection = matrixMultiply(Tensor(inverse, shape: [k, k]), weighted)
    }

    /// The estimates from responses `[m, voxels]`, `[m, features]`.
    func estimates(from responses: Tensor) -> Tensor {
        matrixMultiply(responses, projection, transposeB: true)
    }

    /// Estimates of each trial's features by models that were fitted to the other folds, `[n, k]`: what estimates are like
    /// that a response had no part in.
    ///
    /// - Parameters:
    ///   - features: the features of each trial, `[n][k]`.
    ///   - responses: standardised, `[n, voxels]`.
    ///   - folds: 2 to n; trials are dealt out to them in turn.
    static func leftOut(
        features: [[Float]],
        responses: Tensor,
        options: EncodingModel.Options,
        folds: Int
    ) -> Tensor {
        let (n, k) = (features.count, features.first?.count ?? 0)
        precondition((2...n).contains(folds), "\(folds) folds of \(n) trials.")
        let result = Tensor(uninitialized: [n, k])
        for fold in 0..<folds {
            let (left, rest) = ((0..<n).filter { $0 % folds == fold }, (0..<n).filter { $0 % folds != fold })
            let model = EncodingModel(
                features: rest.map { features[$0] },
                responses: responses.selecting(rows: rest),
                options: options
            )
            let estimates = FeatureEstimator(model).estimates(from: responses.selecting(rows: left))
            for (place, row) in left.enumerated() {
                (result.pointer + row * k).update(from: estimates.pointer + place * k, count: k)
            }
        }
        return result
    }
}
