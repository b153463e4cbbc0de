import Decoder
import Neural
import Settings
import Tensors

/// The second phase: the autoencoders of patterns and images help each other.
final class CrossModalPhase: TrainingPhase {
    let name = "cross-modal tuning"
    let model: CrossModalModel
    private let material: TrainingMaterial
    private let recipe: CrossModalRecipe
    private let fmriOptimizer: AdamW
    private let imageOptimizer: AdamW

    init(_ material: TrainingMaterial) throws {
        self.material = material
        recipe = material.recipe.crossModal
        let (fmri, image) = (material.recipe.pretraining, material.recipe.imageAutoencoder)
        let configuration = MaskedAutoencoderConfiguration(
            voxels: material.patterns.columns,
            patchSize: material.recipe.patterns.patchSize,
            width: fmri.width,
            depth: fmri.depth,
            heads: fmri.heads,
            decoderWidth: fmri.decoderWidth,
            decoderDepth: recipe.decoderDepth,
            decoderHeads: fmri.decoderHeads,
            hiddenRatio: fmri.hiddenRatio,
            crossAttention: CrossAttentionConfiguration(
                depth: recipe.crossDepth,
                width: image.width,
                heads: image.heads,
                hiddenWidth: 4 * image.width
            )
        )
        let vision = image.configuration(
            decoderDepth: recipe.decoderDepth,
            crossDepth: recipe.crossDepth,
            contextWidth: fmri.width
        )
        try configuration.validate()
        try vision.validate()
        model = CrossModalModel(fmri: configuration, image: vision, seed: material.recipe.seed)
        model.selectTrainable(trainsDecoderPositions: recipe.trainsDecoderPositions)
        // Names of the two networks may coincide, so each has an optimiser of its own.
        fmriOptimizer = AdamW(recipe.optimization, model.fmriStore.trainable)
        imageOptimizer = AdamW(recipe.optimization, model.imageStore.trainable)
    }

    var itemCount: Int { material.pairCount }
    var networks: [(name: String, store: ParameterStore)] { [("model", model.fmriStore), ("image", model.imageStore)] }
    var optimizers: [(name: String, optimizer: AdamW)] { [("model", fmriOptimizer), ("image", imageOptimizer)] }
    var trained: [Parameter] { model.fmriStore.trainable }

    func loss(of items: [Int], random: inout RandomNumbers) -> PhaseLoss {
        let (patterns, images) = material.pairs(items, random: &random)
        let sized = classifierImages(images, side: model.image.configuration.imageSize)
        let result = evaluate(patterns, sized, random: &random)
        return PhaseLoss(
            total: result.total,
            values: [
                ("pattern loss", Double(result.fmriLoss.value.item)),
                ("image loss", Double(result.imageLoss.value.item)),
                ("image correlation", meanCorrelation(result.imagePrediction.value, model.image.target(of: sized))),
            ]
        )
    }

    func validate(random: inout RandomNumbers) -> Double? {
        let held = material.validationPatterns
        guard held.rows > 1 else { return nil }
        let images = classifierImages(
            stacked(material.validationImages.map { $0.signedTensor() }),
            side: model.image.configuration.imageSize
        )
        let patterns = Tensor(held.values, shape: [held.rows, 1, held.columns])
        let result = evaluate(patterns, images, random: &random)
        // The correlation of whole images: what the reference means to select by.
        return -meanCorrelation(result.imagePrediction.value, model.image.target(of: images))
    }

    private func evaluate(_ patterns: Tensor, _ images: Tensor, random: inout RandomNumbers) -> CrossModalModel.Result {
        let selections = model.selections(
            batch: patterns.shape[0],
            fmri: PatchMasking(ratio: recipe.fmriMaskRatio),
            image: PatchMasking(ratio: recipe.imageMaskRatio),
            random: &random
        )
        return model(
            patterns: patterns,
            images: images,
            selections,
            weights: .init(fmri: Float(recipe.fmriWeight), image: Float(recipe.imageWeight))
        )
    }
}
