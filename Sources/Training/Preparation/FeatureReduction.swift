import Settings
import Tensors

/// Patterns reduced to the features of images that an inverted encoding model estimates.
///
/// How far off estimates are is measured on left-out trials; so simulated ones are exactly as uncertain, which responses of
/// thousands of voxels are not easily: what voxels share, and weights that few trials determine, does not average out.
struct FeatureReduction {
    /// What scaled voxels are projected by, row-major `[features, voxels]`.
    let projection: [Float]
    /// The estimates of the training trials by models that had no part of them, each feature scaled to a mean square of 1,
    /// `[n, features]`.
    let estimates: Tensor
    /// What simulates further ones.
    let model: EncodingModel

    /// Fits and inverts encoding models.
    /// - Parameters:
    ///   - features: of the image of each trial, `[n][features]`.
    ///   - responses: standardised, `[n, voxels]`.
    /// - Throws: ``TrainingError`` if the recipe does not suit the trials.
    init(_ recipe: SimulationRecipe, features: [[Float]], responses: Tensor) throws {
        guard features.count >= recipe.folds else {
            let reason = "\(features.count) training pairs do not make \(recipe.folds) folds"
            throw TrainingError(.unsuitable, "simulation.folds", reason)
        }
        guard recipe.correlatedNoise < 1 else {
            let reason = "patterns.reduction needs less than 1: voxels without noise of their own have no weight"
            throw TrainingError(.unsuitable, "simulation.correlatedNoise", reason)
        }
        let options = EncodingModel.Options(recipe)
        let whole = EncodingModel(features: features, responses: responses, options: options)
        let inverse = FeatureEstimator(whole).projection
        let estimates = FeatureEstimator.leftOut(
            features: features,
            responses: responses,
            options: options,
            folds: recipe.folds
        )
        let (n, k) = (features.count, estimates.shape[1])
        let scales = EncodingModel.deviations(estimates).map { $0 > 0 ? 1 / $0 : 0 }
        let errors = estimates.copy()
        for row in 0..<n {
            for column in 0..<k {
                let index = row * k + column
                errors.pointer[index] = (estimates.pointer[index] - features[row][column]) * scales[column]
                estimates.pointer[index] *= scales[column]
            }
        }
        self.estimates = estimates
        projection = (0..<k).flatMap { row in inverse.rows(row..<row + 1).elements.map { $0 * scales[row] } }
        model = EncodingModel(scales: scales, errors: errors, options: options)
    }
}
