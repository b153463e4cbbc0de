import Evaluation
import Tensors

/// How far off the features of images are when they are estimated from the responses of left-out trials, beyond what the
/// noise of single voxels explains.
///
/// The noise that many voxels share, and weights that few trials determine, hardly show in a voxel, but they do not average
/// out over thousands. Without them simulated responses say more of an image than measured ones do, and a decoder that learns
/// from them is too sure. Simulated responses are therefore those to features that are off by as much.
struct FeatureNoise {
    /// The symmetric root of the covariance, `[k, k]`.
    let root: Tensor

    /// Compares features with their estimates by models that were fitted to the other trials.
    ///
    /// - Parameters:
    ///   - features: the features of each trial, `[n][k]`.
    ///   - responses: standardised, `[n, voxels]`.
    ///   - folds: the parts that are left out in turn, 2 to n; trials are dealt out to them in turn.
    init(features: [[Float]], responses: Tensor, options: EncodingModel.Options, folds: Int) {
        let (n, k) = (features.count, features.first?.count ?? 0)
        precondition((2...n).contains(folds), "\(folds) folds of \(n) trials.")
        var excess = [Double](repeating: 0, count: k * k)
        for fold in 0..<folds {
            let (left, rest) = ((0..<n).filter { $0 % folds == fold }, (0..<n).filter { $0 % folds != fold })
            let model = EncodingModel(
                features: rest.map { features[$0] },
                responses: responses.selecting(rows: rest),
                options: options
            )
            let estimator = FeatureEstimator(model)
            for (row, estimate) in zip(left, estimator.estimates(from: responses.selecting(rows: left))) {
                let errors = zip(estimate, features[row]).map { $0 - Double($1) }
                for a in 0..<k {
                    for b in 0..<k {
                        let expected = estimator.covariance[a * k + b]
                        excess[a * k + b] += (errors[a] * errors[b] - expected) / Double(n)
                    }
                }
            }
        }
        guard let eigen = SymmetricEigen(excess, order: k) else {
            preconditionFailure("The errors of finite features and responses are finite.")
        }
        root = Tensor(eigen.applying { max($0, 0).squareRoot() }.map(Float.init), shape: [k, k])
    }

    /// Errors of the features of so many responses, `[batch, k]`.
    func draw(_ batch: Int, random: inout RandomNumbers) -> Tensor {
        matrixMultiply(random.normal([batch, root.shape[0]]), root)
    }
}

/// The features of images as generalised least squares estimates them from responses.
///
/// With W the weights of an encoding model and N the covariance of its noise they are (W·N⁻¹·Wᵀ)⁻¹·W·N⁻¹·response.
struct FeatureEstimator {
    /// The covariance of the estimates' errors if the model were right, row-major `[k, k]`.
    let covariance: [Double]
    private let weighted: Tensor
    private let factor: CholeskyFactor
    private let count: Int

    init(_ model: EncodingModel) {
        let (k, voxels, n) = (model.weights.shape[0], model.weights.shape[1], model.residuals.shape[0])
        let options = model.options
        precondition(options.correlatedNoise < 1, "Without noise of its own a voxel has no weight.")
        // N = D + RᵀR·share, and N⁻¹ by the identity of Woodbury.
        let own = 1 - options.correlatedNoise
        let precision = model.deviations.map { $0 > 0 ? 1 / (Float(own) * $0 * $0) : 0 }
        func divided(_ rows: Tensor) -> Tensor {
            let result = rows.copy()
            for row in 0..<rows.shape[0] {
                for voxel in 0..<voxels { result.pointer[row * voxels + voxel] *= precision[voxel] }
            }
            return result
        }
        let weighted = divided(model.weights)
        if options.correlatedNoise > 0 {
            let residuals = divided(model.residuals)
            let inner = matrixMultiply(residuals, model.residuals, transposeB: true)
            var matrix = inner.elements.map(Double.init)
            for row in 0..<n { matrix[row * n + row] += Double(n) / options.correlatedNoise }
            let factor = CholeskyFactor(matrix, size: n)
            let shared = matrixMultiply(weighted, model.residuals, transposeB: true)
            let solved = (0..<k).flatMap { feature in
                factor.solve(shared.rows(feature..<feature + 1).elements.map(Double.init)).map(Float.init)
            }
            let correction = matrixMultiply(Tensor(solved, shape: [k, n]), residuals)
            for index in 0..<weighted.count { weighted.pointer[index] -= correction.pointer[index] }
        }
        let information = matrixMultiply(weighted, model.weights, transposeB: true).elements.map(Double.init)
        // A feature that no voxel follows has no finite estimate.
        let least = max((0..<k).reduce(0) { $0 + information[$1 * k + $1] } / Double(k), 1e-9) * 1e-6
        let symmetric = (0..<k * k).map { index in
            let (a, b) = (index / k, index % k)
            return (information[index] + information[b * k + a]) / 2 + (a == b ? least : 0)
        }
        let factor = CholeskyFactor(symmetric, size: k)
        let scale = options.noiseScale * options.noiseScale
        covariance = (0..<k).flatMap { row in
            factor.solve((0..<k).map { $0 == row ? scale : 0 })
        }
        (self.weighted, self.factor, count) = (weighted, factor, k)
    }

    /// The estimates from responses `[m, voxels]`, row by row.
    func estimates(from responses: Tensor) -> [[Double]] {
        let products = matrixMultiply(responses, weighted, transposeB: true).elements
        return (0..<responses.shape[0]).map { row in
            factor.solve(products[row * count..<(row + 1) * count].map(Double.init))
        }
    }
}
