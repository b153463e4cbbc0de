import Decoder
import Settings
import Tensors
import Testing

@testable import Training

@Suite("Patterns reduced to features")
struct FeatureReductionTests {
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
        let estimates = FeatureEstimator(model).estimates(from: trials.responses).elements
        for (estimate, truth) in zip(estimates, trials.features.joined()) { #expect(abs(estimate - truth) < 0.01) }
    }

    @Test("Estimates are those of generalised least squares with the whole covariance of the noise")
    func generalisedLeastSquares() {
        let trials = Trials(30, weights: weights, error: error, noise: 1, seed: 3)
        let options = EncodingModel.Options(ridge: 2, correlatedNoise: 0.4, noiseScale: 1.5)
        let model = EncodingModel(features: trials.features, responses: trials.responses, options: options)
            .selecting(Array(0..<20))
        // N as a whole, and W·N⁻¹.
        let shared = matrixMultiply(model.residuals, model.residuals, transposeA: true, scale: 0.4 / 30)
        var noise = shared.elements.map(Double.init)
        for (voxel, deviation) in model.deviations.enumerated() {
            noise[voxel * 20 + voxel] += 0.6 * Double(deviation * deviation)
        }
        let factor = CholeskyFactor(noise, size: 20)
        let solved = (0..<2).flatMap { factor.solve(model.weights.rows($0..<$0 + 1).elements.map(Double.init)) }
        let weighted = Tensor(solved.map(Float.init), shape: [2, 20])
        // (W·N⁻¹·Wᵀ)·projection is W·N⁻¹.
        let information = matrixMultiply(weighted, model.weights, transposeB: true)
        let product = matrixMultiply(information, FeatureEstimator(model).projection)
        for (value, truth) in zip(product.elements, weighted.elements) { #expect(abs(value - truth) < 1e-3) }
    }

    @Test("A feature that no voxel follows has finite estimates")
    func nothingFollowed() {
        let trials = Trials(40, weights: Tensor(zeros: [2, 200]), error: error, noise: 0, seed: 9)
        let options = EncodingModel.Options(ridge: 1, correlatedNoise: 0.1, noiseScale: 1)
        let estimates = FeatureEstimator.leftOut(
            features: trials.features,
            responses: trials.responses,
            options: options,
            folds: 4
        )
        #expect(estimates.elements.allSatisfy { $0.isFinite })
    }

    @Test("Simulated estimates are as uncertain as those of new trials, also where thousands of voxels share the noise")
    func simulated() throws {
        var recipe = SimulationRecipe()
        (recipe.ridge, recipe.correlatedNoise, recipe.folds) = (1, 0.1, 5)
        let trials = Trials(1000, weights: weights, error: error, noise: 2, seed: 6)
        let reduction = try FeatureReduction(recipe, features: trials.features, responses: trials.responses)
        let further = Trials(1000, weights: weights, error: error, noise: 2, seed: 7)
        var random = RandomNumbers(seed: 8, purpose: "simulation")
        let simulated = reduction.model.simulate(further.features, random: &random)
        let projection = Tensor(reduction.projection, shape: [2, 200])
        let measured = matrixMultiply(further.responses, projection, transposeB: true)
        func covariance(_ estimates: Tensor) -> [Float] {
            let errors = estimates.copy()
            for (index, value) in further.features.joined().enumerated() {
                errors.pointer[index] -= value * reduction.model.weights.pointer[index % 2 * 3]
            }
            return matrixMultiply(errors, errors, transposeA: true, scale: 0.001).elements
        }
        for (value, truth) in zip(covariance(simulated), covariance(measured)) { #expect(abs(value - truth) < 0.04) }
        // What is trained on in their place has the same scale.
        let squares = reduction.estimates.elements.reduce(0) { $0 + $1 * $1 } / 2000
        #expect(abs(squares - 1) < 1e-3)
    }

    @Test("A reduced pattern stands in each patch, and is what the bundle's standardization makes of raw voxels")
    func recipe() throws {
        let recipe = try SmallTraining.recipe(
            "patterns.reduction=features",
            "patterns.repeats=5",
            "patterns.patchSize=3",
            "simulation.folds=4",
            "simulation.share=1"
        )
        let pairs = SmallTraining.pairs()
        let material = try TrainingMaterial(recipe: recipe, pairs: pairs, prior: SmallTraining.images(24, seed: 7))
        #expect(material.patterns.columns == 15 && material.standardization.width == 15)
        let prepared = try material.standardization.apply(pairs.responses)
        for row in 0..<prepared.rows {
            let values = Array(prepared[row])
            #expect((0..<15).allSatisfy { values[$0] == values[$0 % 3] })
        }
        // Simulated ones too.
        var random = RandomNumbers(seed: 1, purpose: "pairs")
        let simulated = material.pairs([0, 1], random: &random).patterns
        for item in 0..<2 {
            let values = simulated.pointer + item * 15
            #expect((0..<15).allSatisfy { values[$0] == values[$0 % 3] })
        }
    }

    @Test("Folds that pairs cannot make, and voxels without noise of their own, are errors that name the key")
    func unsuitable() throws {
        for key in ["simulation.folds=17", "simulation.correlatedNoise=1"] {
            let recipe = try SmallTraining.recipe("patterns.reduction=features", key)
            let error = #expect(throws: TrainingError.self) {
                try TrainingMaterial(
                    recipe: recipe,
                    pairs: SmallTraining.pairs(),
                    prior: SmallTraining.images(24, seed: 7)
                )
            }
            #expect(error?.description.contains(key.prefix { $0 != "=" }) == true)
        }
    }
}
