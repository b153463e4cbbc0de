import Decoder
import Images
import Settings
import Tensors

/// Measured responses as the encoder sees them, and the model that simulates more of them.
struct PreparedResponses {
    /// How raw patterns become what the encoder sees.
    let standardization: PatternStandardization
    /// The training pairs' patterns.
    let patterns: ResponseMatrix
    /// What simulated responses depend on; nil where nothing is simulated.
    let features: ResponseFeatures?
    /// The model that simulates them, before they are continued to the width of the patterns.
    let encodingModel: EncodingModel?

    /// Prepares the responses to images.
    /// - Parameters:
    ///   - prior: the images that responses are simulated to.
    ///   - memory: the bytes that patterns may take.
    /// - Throws: ``TrainingError`` or `DatasetError` if the recipe does not suit them.
    init(
        _ recipe: TrainingRecipe,
        responses raw: ResponseMatrix,
        images: [Image8],
        prior: [Image8],
        memory: Int
    ) throws {
        let simulates = recipe.simulation.share > 0
        let standardization = try PatternStandardization(of: raw, recipe.patterns)
        guard simulates || recipe.patterns.needsEncodingModel else {
            let width = try recipe.patterns.width(repeating: raw.columns, trials: raw.rows, memory: memory)
            self.standardization = standardization.selecting(Array(standardization.selection.indices), width: width)
            (patterns, features, encodingModel) = (try self.standardization.apply(raw), nil, nil)
            return
        }
        let found = try ResponseFeatures(recipe, images: prior)
        let all = standardization.selecting(Array(standardization.selection.indices), width: raw.columns)
        let scaled = try all.apply(raw)
        let (inputs, outputs) = (images.map { found($0.signedTensor()) }, Tensor(scaled))
        let model = EncodingModel(features: inputs, responses: outputs, options: .init(recipe.simulation))
        let count = recipe.patterns.voxels > 0 ? min(recipe.patterns.voxels, raw.columns) : raw.columns
        var best = model.bestVoxels(count)
        let patchSize = recipe.patterns.patchSize
        features = simulates ? found : nil
        switch recipe.patterns.reduction {
        case .none:
            if recipe.patterns.order == .aligned {
                best = VoxelOrder.aligned(best, weights: model.weights, patchSize: patchSize, seed: recipe.seed)
            }
            let width = try recipe.patterns.width(repeating: count, trials: raw.rows, memory: memory)
            self.standardization = standardization.selecting(best, width: width)
            patterns = try self.standardization.apply(raw)
            encodingModel = simulates ? model.selecting(best) : nil
        case .features:
            let reduction = try FeatureReduction(
                recipe.simulation,
                features: inputs,
                responses: outputs.selecting(columns: best)
            )
            let components = reduction.estimates.shape[1]
            let width = try recipe.patterns.width(repeating: components, trials: raw.rows, memory: memory)
            self.standardization = standardization.selecting(best, projection: reduction.projection, width: width)
            let estimates = reduction.estimates
            patterns = ResponseMatrix(rows: raw.rows, columns: components, values: estimates.elements)
                .fitted(toWidth: width)
            encodingModel = simulates ? reduction.model : nil
        }
    }
}

extension PatternRecipe {
    /// Whether patterns are prepared by an encoding model.
    fileprivate var needsEncodingModel: Bool { voxels > 0 || order == .aligned || reduction == .features }

    /// The width of patterns of so many values, repeated.
    fileprivate func width(repeating values: Int, trials: Int, memory: Int) throws -> Int {
        let width = PatternStandardization.width(values * repeats, patchSize: patchSize)
        let bytes = trials * width * MemoryLayout<Float>.stride
        guard bytes > memory else { return width }
        throw TrainingError.tooLarge(
            "patterns",
            "\(trials) patterns of \(width) values",
            bytes: bytes,
            memory: memory,
            remedy: "make repeats smaller"
        )
    }
}

extension EncodingModel.Options {
    init(_ recipe: SimulationRecipe) {
        self.init(
            ridge: recipe.ridge,
            correlatedNoise: recipe.correlatedNoise,
            noiseScale: recipe.noiseScale,
            leastNoise: recipe.leastNoise
        )
    }
}
