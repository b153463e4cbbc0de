import Decoder
import Neural
import Tensors
import Weights

/// The recorded pair of networks of the second phase, and the recorded batch.
struct CrossModalFixture {
    static let files = ["phase2/io.npz", "phase2/phase2_checkpoint.pth", "phase2/model_image.pth"]

    let archive: FixtureArchive
    let model: CrossModalModel
    let patterns: Tensor
    let images: Tensor
    let selections: CrossModalModel.Selections
    let weights: CrossModalModel.Weights

    init(_ folder: FixtureFolder) throws {
        let archive = try folder.archive(Self.files[0])
        let config = folder.config
        let model = try Self.makeModel(folder)
        let (fmri, image) = (model.fmri.configuration, model.image.configuration)
        let patterns = try archive.tensor("fmri", [nil, 1, fmri.voxels])
        let batch = patterns.shape[0]
        let pixels = try archive.tensor("pixel_values", [batch, image.channels, image.imageSize, image.imageSize])
        func selection(_ name: String, _ patches: Int, _ ratio: Double) throws -> PatchSelection {
            try archive.selection(name, batch: batch, patches: patches, ratio: ratio)
        }
        selections = CrossModalModel.Selections(
            imageSupport: try selection("noise_image_support", image.patches, 0),
            fmriReconstruction: try selection("noise_fmri_recon", fmri.patches, config.double("mask_ratio")),
            fmriSupport: try selection("noise_fmri_support", fmri.patches, 0),
            imageReconstruction: try selection("noise_image_recon", image.patches, config.double("img_mask"))
        )
        weights = CrossModalModel.Weights(fmri: Float(try config.double("fw")), image: Float(try config.double("iw")))
        self.archive = archive
        self.model = model
        self.patterns = patterns
        images = nchwToNHWC(pixels)
    }

    private static func makeModel(_ folder: FixtureFolder) throws -> CrossModalModel {
        let (fmriFile, imageFile) = (files[1], files[2])
        let (fmri, image) = (try folder.weights(fmriFile), try folder.weights(imageFile))
        let (mae, vit) = (try folder.config.section("mae"), try folder.config.section("vit"))
        let model = CrossModalModel(
            fmri: try MaskedAutoencoderConfiguration(
                inferredFrom: StateShapes(fmri, source: fmriFile),
                heads: mae.int("num_heads"),
                decoderHeads: mae.int("decoder_num_heads"),
                crossHeads: vit.int("num_attention_heads")
            ),
            image: try VisionFixture.configuration(image, file: imageFile, vit)
        )
        let (inner, outer) = (model.fmri.configuration, model.image.configuration)
        guard inner.crossAttention?.width == outer.width, outer.crossDepth > 0, outer.contextWidth == inner.width else {
            throw ParityError(.malformed, fmriFile, "the two networks do not fit each other's widths")
        }
        try model.fmriStore.loadExactly(fmri, file: fmriFile)
        try model.imageStore.loadExactly(image, file: imageFile)
        return model
    }

    /// The joint loss, its gradients left in the parameters; as in the reference the decoder's positions have one.
    func differentiate() -> CrossModalModel.Result {
        CrossModalTuningStep(model: model, weights: weights, trainsDecoderPositions: true)
            .differentiate(patterns: patterns, images: images, selections)
    }
}

/// The recorded image autoencoder.
enum VisionFixture {
    /// Sizes from the weights; heads and what else no shape tells from the manifest.
    static func configuration(
        _ weights: StateDictionary,
        file: String,
        _ vit: FixtureConfiguration
    ) throws -> VisionMaskedAutoencoderConfiguration {
        var configuration = try VisionMaskedAutoencoderConfiguration(
            inferredFrom: StateShapes(weights, source: file),
            heads: vit.int("num_attention_heads"),
            decoderHeads: vit.int("decoder_num_attention_heads"),
            normalizesTargets: vit.has("norm_pix_loss") ? vit.bool("norm_pix_loss") : false
        )
        if vit.has("layer_norm_eps") { configuration.epsilon = Float(try vit.double("layer_norm_eps")) }
        return configuration
    }
}
