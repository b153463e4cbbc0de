import Decoder
import Images
import Neural
import Settings
import Tensors

/// Trains the masked autoencoder of images that guides the second phase.
final class ImageAutoencoderPhase: TrainingPhase {
    let name = "image autoencoder"
    let model: VisionMaskedAutoencoder
    let store: ParameterStore
    private let material: TrainingMaterial
    private let masking: PatchMasking
    private let optimizer: AdamW

    init(_ material: TrainingMaterial) throws {
        self.material = material
        let recipe = material.recipe.imageAutoencoder
        let configuration = recipe.configuration(decoderDepth: recipe.decoderDepth)
        try configuration.validate()
        store = ParameterStore(seed: material.recipe.seedOfImagePhases)
        model = VisionMaskedAutoencoder(configuration, store.root)
        masking = PatchMasking(ratio: recipe.maskRatio)
        store.train { !$0.name.contains("position") && !$0.name.hasSuffix("decoder_pos_embed") }
        optimizer = AdamW(recipe.optimization, store.trainable)
    }

    var itemCount: Int { material.prior.count }
    var networks: [(name: String, store: ParameterStore)] { [("model", store)] }
    var optimizers: [(name: String, optimizer: AdamW)] { [("model", optimizer)] }
    var trained: [Parameter] { store.trainable }

    func loss(of items: [Int], random: inout RandomNumbers) -> PhaseLoss {
        let size = model.configuration.imageSize
        let images = classifierImages(material.priorImages(items, random: &random), side: size)
        let selection = masking.selection(
            batch: items.count,
            patches: model.configuration.patches,
            patchSize: model.configuration.patchSize,
            random: &random
        )
        let prediction = model.decode(model.encode(images, selection), selection)
        return PhaseLoss(total: model.reconstructionLoss(prediction, of: images, selection))
    }
}

extension ImageAutoencoderRecipe {
    /// The sizes of the network, alone or with the layers that attend to fMRI features.
    func configuration(decoderDepth: Int, crossDepth: Int = 0, contextWidth: Int = 1024)
        -> VisionMaskedAutoencoderConfiguration
    {
        VisionMaskedAutoencoderConfiguration(
            imageSize: imageSize,
            patchSize: patchSize,
            width: width,
            depth: depth,
            heads: heads,
            hiddenWidth: 4 * width,
            decoderWidth: decoderWidth,
            decoderDepth: decoderDepth,
            decoderHeads: decoderHeads,
            decoderHiddenWidth: 4 * decoderWidth,
            crossDepth: crossDepth,
            contextWidth: contextWidth
        )
    }
}

/// Images `[B, H, W, 3]` in −1…1 as image networks see them: of the given side, normalised as for ImageNet.
func classifierImages(_ images: Tensor, side: Int) -> Tensor {
    let batch = images.shape[0]
    let result = Tensor(uninitialized: [batch, side, side, 3])
    for item in 0..<batch {
        let image = images.rows(item..<item + 1).reshaped(Array(images.shape.dropFirst()))
        let sized =
            image.shape[0] == side && image.shape[1] == side
            ? image : image.resizedBilinearly(height: side, width: side)
        for index in 0..<sized.count {
            let unit = (sized.pointer[index] + 1) / 2
            result.pointer[item * sized.count + index] =
                (unit - ImageNetNormalization.mean[index % 3]) / ImageNetNormalization.deviation[index % 3]
        }
    }
    return result
}
