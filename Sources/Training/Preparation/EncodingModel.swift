import Foundation
import Tensors

/// A linear model of the responses to images, fitted to measured pairs: it simulates responses to further images.
///
/// response = features(image)·weights + noise. The features are principal components of the prior images, whitened, so
/// that a ridge penalty is a Gaussian prior that is the same for all (Naselaris et al., NeuroImage 2011). The noise has
/// the covariance of the leave-one-out residuals, shrunk towards its diagonal; noise of the features may come to it.
struct EncodingModel {
    /// How the model is fitted and how noisy its responses are.
    struct Options: Equatable {
        /// The ridge penalty.
        var ridge = 10.0
        /// The share of the noise that is correlated between voxels as the residuals are.
        var correlatedNoise = 0.5
        /// The deviation of the noise relative to that of the residuals.
        var noiseScale = 1.0
    }

    /// `[k, voxels]`.
    let weights: Tensor
    /// The leave-one-out residuals, `[n, voxels]`.
    let residuals: Tensor
    /// The standard deviation of the residuals by voxel.
    let deviations: [Float]
    let options: Options
    /// What the features that responses are simulated to are off by; nil for nothing.
    var featureNoise: FeatureNoise?

    /// Fits the model to features `[n][k]` and standardised responses `[n, voxels]`.
    init(features: [[Float]], responses: Tensor, options: Options) {
        let (n, voxels, k) = (features.count, responses.shape[1], features.first?.count ?? 0)
        precondition(n == responses.shape[0] && n > 1, "\(n) features for responses \(responses.shape).")
        self.options = options
        // (ZᵀZ + λI)⁻¹ Zᵀ, `[k][n]`, and the leverage of every row.
        var gram = [Double](repeating: 0, count: k * k)
        for a in 0..<k {
            for b in 0..<k {
                gram[a * k + b] = features.reduce(a == b ? options.ridge : 0) { $0 + Double($1[a]) * Double($1[b]) }
            }
        }
        let factor = CholeskyFactor(gram, size: k)
        let solved = features.map { factor.solve($0.map(Double.init)) }
        let operators = Tensor(solved.flatMap { $0.map(Float.init) }, shape: [n, k])
        weights = matrixMultiply(operators, responses, transposeA: true)
        let fitted = matrixMultiply(Tensor(features.flatMap { $0 }, shape: [n, k]), weights)
        let residuals = Tensor(uninitialized: [n, voxels])
        for row in 0..<n {
            let leverage = zip(features[row], solved[row]).reduce(0) { $0 + Double($1.0) * $1.1 }
            let share = Float(1 / max(1 - leverage, 0.05))
            for voxel in 0..<voxels {
                let index = row * voxels + voxel
                residuals.pointer[index] = (responses.pointer[index] - fitted.pointer[index]) * share
            }
        }
        self.residuals = residuals
        deviations = (0..<voxels).map { voxel in
            let squares = (0..<n).reduce(0.0) { $0 + pow(Double(residuals.pointer[$1 * voxels + voxel]), 2) }
            return Float((squares / Double(n)).squareRoot())
        }
    }

    private init(weights: Tensor, residuals: Tensor, deviations: [Float], options: Options) {
        (self.weights, self.residuals, self.deviations, self.options) = (weights, residuals, deviations, options)
    }

    /// The voxels whose left-out responses are predicted best, in ascending order.
    ///
    /// Responses are standardised, so that the least residual deviation is the largest explained variance.
    func bestVoxels(_ count: Int) -> [Int] {
        let order = deviations.indices.sorted { (deviations[$0], $0) < (deviations[$1], $1) }
        return order.prefix(count).sorted()
    }

    /// The model of some voxels, continued from the first one to a given width.
    func selecting(_ voxels: [Int], width: Int) -> EncodingModel {
        let columns = (0..<width).map { voxels[$0 % voxels.count] }
        return EncodingModel(
            weights: weights.selecting(columns: columns),
            residuals: residuals.selecting(columns: columns),
            deviations: columns.map { deviations[$0] },
            options: options
        )
    }

    /// Simulated responses `[batch, voxels]` to features `[batch][k]`.
    func simulate(_ features: [[Float]], random: inout RandomNumbers) -> Tensor {
        let (batch, n) = (features.count, residuals.shape[0])
        let voxels = deviations.count
        let k = features.first?.count ?? 0
        let inputs = Tensor(features.flatMap { $0 }, shape: [batch, k])
        if let featureNoise { add(featureNoise.draw(batch, random: &random), to: inputs) }
        let responses = matrixMultiply(inputs, weights)
        let shared = Float(options.noiseScale * (options.correlatedNoise / Double(n)).squareRoot())
        if shared > 0 {
            let mixture = scale(random.normal([batch, n]), by: shared)
            add(matrixMultiply(mixture, residuals), to: responses)
        }
        let own = Float(options.noiseScale * (1 - options.correlatedNoise).squareRoot())
        if own > 0 {
            let noise = random.normal([batch, voxels])
            for item in 0..<batch {
                for voxel in 0..<voxels {
                    let index = item * voxels + voxel
                    responses.pointer[index] += own * deviations[voxel] * noise.pointer[index]
                }
            }
        }
        return responses
    }
}
