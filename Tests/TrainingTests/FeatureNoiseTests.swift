import Settings
import Tensors
import Testing

@testable import Training

@Suite("Noise of the features that responses are simulated to")
struct FeatureNoiseTests {
    /// Trials whose responses follow features that are off by `error·normal`, in voxels with noise of their own.
    private struct Trials {
        let features: [[Float]]
        let responses: Tensor

        init(_ count: Int, weights: Tensor, error: Tensor, noise: Float, seed: UInt64) {
            var random = RandomNumbers(seed: seed, purpose: "trials")
            let k = weights.shape[0]
            let seen = random.normal([count, k])
            let followed = seen.copy()
            add(matrixMultiply(random.normal([count, k]), error), to: followed)
            responses = matrixMultiply(followed, weights)
            add(random.normal(responses.shape, deviation: noise), to: responses)
            features = (0..<count).map { seen.rows($0..<$0 + 1).elements }
        }
    }

    private let weights: Tensor
    /// The symmetric root of the covariance of the features' errors.
    private let error = Tensor([0.6, 0.2, 0.2, 0.4] as [Float], shape: [2, 2])

    init() {
        var random = RandomNumbers(seed: 1, purpose: "weights")
        weights = random.normal([2, 200])
    }

    @Test("Features are found again in responses without noise of the features", arguments: [0, 0.3])
    func estimates(correlatedNoise: Double) {
        let trials = Trials(60, weights: weights, error: Tensor(zeros: [2, 2]), noise: 0.01, seed: 2)
        let options = EncodingModel.Options(ridge: 1e-6, correlatedNoise: correlatedNoise, noiseScale: 1)
        let model = EncodingModel(features: trials.features, responses: trials.responses, options: options)
        for (estimate, truth) in zip(FeatureEstimator(model).estimates(from: trials.responses), trials.features) {
            for (a, b) in zip(estimate, truth) { #expect(abs(a - Double(b)) < 0.01) }
        }
    }

    @Test("The covariance of estimates is that of generalised least squares with the whole covariance of the noise")
    func covariance() {
        let trials = Trials(30, weights: weights, error: error, noise: 1, seed: 3)
        let options = EncodingModel.Options(ridge: 2, correlatedNoise: 0.4, noiseScale: 1.5)
        let model = EncodingModel(features: trials.features, responses: trials.responses, options: options)
            .selecting(Array(0..<20), width: 20)
        // N as a whole, and W·N⁻¹·Wᵀ.
        let share = Float(2.25 * 0.4 / 30)
        let shared = matrixMultiply(model.residuals, model.residuals, transposeA: true, scale: share)
        var noise = shared.elements.map(Double.init)
        for (voxel, deviation) in model.deviations.enumerated() {
            noise[voxel * 20 + voxel] += 2.25 * 0.6 * Double(deviation * deviation)
        }
        let factor = CholeskyFactor(noise, size: 20)
        let solved = (0..<2).flatMap { factor.solve(model.weights.rows($0..<$0 + 1).elements.map(Double.init)) }
        let weighted = Tensor(solved.map(Float.init), shape: [2, 20])
        let information = matrixMultiply(weighted, model.weights, transposeB: true)
        let covariance = Tensor(FeatureEstimator(model).covariance.map(Float.init), shape: [2, 2])
        // Their product is the identity.
        for (value, truth) in zip(matrixMultiply(covariance, information).elements, [1, 0, 0, 1] as [Float]) {
            #expect(abs(value - truth) < 1e-3)
        }
    }

    @Test("Errors of features that many voxels share are measured on left-out trials")
    func measured() {
        let trials = Trials(2000, weights: weights, error: error, noise: 2, seed: 4)
        let options = EncodingModel.Options(ridge: 1, correlatedNoise: 0, noiseScale: 1)
        let noise = FeatureNoise(features: trials.features, responses: trials.responses, options: options, folds: 5)
        for (value, truth) in zip(noise.root.elements, error.elements) { #expect(abs(value - truth) < 0.04) }
    }

    @Test("There is little of it where voxels have noise of their own alone")
    func independentNoise() {
        let trials = Trials(2000, weights: weights, error: Tensor(zeros: [2, 2]), noise: 4, seed: 5)
        let options = EncodingModel.Options(ridge: 1, correlatedNoise: 0, noiseScale: 1)
        let noise = FeatureNoise(features: trials.features, responses: trials.responses, options: options, folds: 5)
        // Estimates are off by 4/√200 = 0.28, all of it expected.
        #expect(noise.root.elements.allSatisfy { abs($0) < 0.1 })
    }

    @Test("Simulated responses are as uncertain as measured ones")
    func simulated() {
        let options = EncodingModel.Options(ridge: 1, correlatedNoise: 0, noiseScale: 1)
        let trials = Trials(1000, weights: weights, error: error, noise: 2, seed: 6)
        var model = EncodingModel(features: trials.features, responses: trials.responses, options: options)
        model.featureNoise = FeatureNoise(
            features: trials.features,
            responses: trials.responses,
            options: options,
            folds: 4
        )
        let further = Trials(1000, weights: weights, error: error, noise: 2, seed: 7)
        var random = RandomNumbers(seed: 8, purpose: "simulation")
        let simulated = model.simulate(further.features, random: &random)
        let estimator = FeatureEstimator(model)
        func errors(_ responses: Tensor) -> [Double] {
            let estimates = estimator.estimates(from: responses)
            return (0..<2).map { feature in
                let squares = zip(estimates, further.features).reduce(0.0) { sum, pair in
                    let difference = pair.0[feature] - Double(pair.1[feature])
                    return sum + difference * difference
                }
                return (squares / Double(estimates.count)).squareRoot()
            }
        }
        for (value, truth) in zip(errors(simulated), errors(further.responses)) {
            #expect(abs(value / truth - 1) < 0.1)
        }
    }

    @Test("A feature that no voxel follows is an error of no size, not a trap")
    func nothingFollowed() {
        let trials = Trials(40, weights: Tensor(zeros: [2, 200]), error: error, noise: 0, seed: 9)
        let options = EncodingModel.Options(ridge: 1, correlatedNoise: 0.1, noiseScale: 1)
        let noise = FeatureNoise(features: trials.features, responses: trials.responses, options: options, folds: 4)
        #expect(noise.root.elements.allSatisfy { $0.isFinite })
    }

    @Test(
        "Folds that the training pairs cannot make, and voxels without noise of their own, are errors that name the key",
        arguments: [
            ["simulation.calibrationFolds=1"], ["simulation.calibrationFolds=17"],
            ["simulation.calibrationFolds=4", "simulation.correlatedNoise=1"],
        ]
    )
    func unsuitable(overrides: [String]) throws {
        let recipe = try TrainingRecipe(yaml: SmallTraining.recipe, file: "small.yaml", overrides: overrides)
        let error = #expect(throws: TrainingError.self) {
            try TrainingMaterial(recipe: recipe, pairs: SmallTraining.pairs(), prior: SmallTraining.images(24, seed: 7))
        }
        #expect(error?.description.contains("simulation.calibrationFolds") == true)
    }
}
