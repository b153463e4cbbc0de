import Foundation
import Tensors

/// A linear model of the responses to images, fitted to measured pairs: it simulates responses to further images.
///
/// response = features(image)·weights + noise. The features are principal components of the prior images, whitened, so
/// that a ridge penalty is a Gaussian prior that is the same for all (Naselaris et al., NeuroImage 2011). The noise has
/// the covariance of the leave-one-out residuals, shrunk towards its diagonal.
struct EncodingModel {
    /// How the model is fitted and how noisy its responses are.
    struct Options: Equatable {
        /// The ridge penalty.
        var ridge = 10.0
        /// The share of the noise that is correlated between voxels as the residuals are.
        var correlatedNoise = 0.5
        /// The deviation of the noise relative to that of the residuals.
        var noiseScale = 1.0
        /// The least share of that deviation; each response draws its share uniformly from there to 1.
        var leastNoise = 1.0
    }

    /// `[k, voxels]`.
    let weights: Tensor
    /// The leave-one-out residuals, `[n, voxels]`.
    let residuals: Tensor
    /// The standard deviation of the residuals by voxel.
    let deviations: [Float]
    private(set) var options: Options

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
        deviations = Self.deviations(residuals)
    }

    /// A model of estimates of the features themselves, each times a scale, with errors `[n, k]` that are correlated as
    /// the given ones are.
    init(scales: [Float], errors: Tensor, options: Options) {
        weights = Tensor(zeros: [scales.count, scales.count])
        for (feature, scale) in scales.enumerated() { weights.pointer[feature * scales.count + feature] = scale }
        residuals = errors
        deviations = Self.deviations(errors)
        self.options = options
        self.options.correlatedNoise = 1
    }

    /// The root of the mean square of each column.
    static func deviations(_ rows: Tensor) -> [Float] {
        let (n, width) = (rows.shape[0], rows.shape[1])
        return (0..<width).map { column in
            let squares = (0..<n).reduce(0.0) { $0 + pow(Double(rows.pointer[$1 * width + column]), 2) }
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

    /// The model of some voxels.
    func selecting(_ voxels: [Int]) -> EncodingModel {
        EncodingModel(
            weights: weights.selecting(columns: voxels),
            residuals: residuals.selecting(columns: voxels),
            deviations: voxels.map { deviations[$0] },
            options: options
        )
    }

    /// Simulated responses `[batch, voxels]` to features `[batch][k]`.
    func simulate(_ features: [[Float]], random: inout RandomNumbers) -> Tensor {
        let (batch, n) = (features.count, residuals.shape[0])
        let voxels = deviations.count
        let k = features.first?.count ?? 0
        let shares = (0..<batch).map { _ in
            options.leastNoise < 1
                ? Float(options.leastNoise) + Float(1 - options.leastNoise) * random.uniform() : 1
        }
        func noise(_ width: Int) -> Tensor {
            let values = random.normal([batch, width])
            for (row, share) in shares.enumerated() where share < 1 {
                for column in 0..<width { values.pointer[row * width + column] *= share }
            }
            return values
        }
        let inputs = Tensor(features.flatMap { $0 }, shape: [batch, k])
        let responses = matrixMultiply(inputs, weights)
        let shared = Float(options.noiseScale * (options.correlatedNoise / Double(n)).squareRoot())
        if shared > 0 { add(matrixMultiply(scale(noise(n), by: shared), residuals), to: responses) }
        let own = Float(options.noiseScale * (1 - options.correlatedNoise).squareRoot())
        if own > 0 {
            let noise = noise(voxels)
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
