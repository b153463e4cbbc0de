import Neural
import Tensors
import Testing
import Weights

@testable import Decoder

@Suite(
    "The image networks against the reference",
    .enabled(if: FMRISharedMaterial.isPresent, "\(FMRISharedMaterial.missing)")
)
struct VisionGoldenTests {
    private func makeModel() throws -> CrossModalModel {
        let fmri = try FMRIGoldenFiles.weights("phase2/phase2_checkpoint.pth")
        let image = try FMRIGoldenFiles.weights("phase2/model_image.pth")
        let model = CrossModalModel(
            fmri: try MaskedAutoencoderConfiguration(
                inferredFrom: StateShapes(fmri, source: "phase2_checkpoint.pth"),
                heads: FMRIGoldenFiles.size("mae.num_heads"),
                decoderHeads: FMRIGoldenFiles.size("mae.decoder_num_heads"),
                crossHeads: FMRIGoldenFiles.size("vit.num_attention_heads")
            ),
            image: try VisionMaskedAutoencoderConfiguration(
                inferredFrom: StateShapes(image, source: "model_image.pth"),
                heads: FMRIGoldenFiles.size("vit.num_attention_heads"),
                decoderHeads: FMRIGoldenFiles.size("vit.decoder_num_attention_heads")
            )
        )
        #expect(model.fmriStore.load(fmri).isExact)
        #expect(model.imageStore.load(image).isExact)
        return model
    }

    @Test("Both directions of guidance: features, predictions, losses and gradients")
    func crossModal() throws {
        let golden = try FMRIGoldenFiles("phase2/io.npz")
        let model = try makeModel()
        let (patterns, images) = (try golden("fmri"), nchwToNHWC(try golden("pixel_values")))
        #expect(model.image.target(of: images).elements == (try golden("patchify_pixels").elements))
        let selections = CrossModalModel.Selections(
            imageSupport: try golden.selection("noise_image_support", ratio: 0),
            fmriReconstruction: try golden.selection("noise_fmri_recon", ratio: FMRIGoldenFiles.number("mask_ratio")),
            fmriSupport: try golden.selection("noise_fmri_support", ratio: 0),
            imageReconstruction: try golden.selection("noise_image_recon", ratio: FMRIGoldenFiles.number("img_mask"))
        )
        #expect(selections.fmriReconstruction.mask.elements == (try golden("fmri_mask").elements))
        #expect(selections.imageReconstruction.mask.elements == (try golden("image_mask").elements))
        let weights = CrossModalModel.Weights(
            fmri: Float(try FMRIGoldenFiles.number("fw")),
            image: Float(try FMRIGoldenFiles.number("iw"))
        )
        let step = CrossModalTuningStep(model: model, weights: weights, trainsDecoderPositions: true)
        let result = step.differentiate(patterns: patterns, images: images, selections)
        let plain = model.fmri.encode(patterns, selections.fmriReconstruction)
        for (name, value) in [
            ("image_support", result.imageSupport), ("fmri_encoder_cross", result.fmriLatent),
            ("fmri_encoder_plain", plain), ("fmri_pred", result.fmriPrediction), ("fmri_loss", result.fmriLoss),
            ("fmri_support", result.fmriSupport), ("image_logits", result.imagePrediction),
            ("image_loss", result.imageLoss), ("total_loss", result.total),
        ] {
            expectClose(value.value, try golden(name), name)
        }
        let norms = (gradientNorm(model.fmriStore.trainable), gradientNorm(model.imageStore.trainable))
        expectClose(Tensor(norms.0), try golden("grad_norm_fmri"), "fMRI gradient norm")
        expectClose(Tensor(norms.1), try golden("grad_norm_image"), "image gradient norm")
        let gradients = try FMRIGoldenFiles("phase2/grads.npz")
        try expectCloseGradients(model.fmriStore, gradients, prefix: "fmri/")
        try expectCloseGradients(model.imageStore, gradients, prefix: "image/")
    }

    @Test("A layer by itself, with and without a context")
    func layers() throws {
        let golden = try FMRIGoldenFiles("phase2/io.npz")
        let model = try makeModel()
        let (input, context) = (Variable(try golden("layer_in")), Variable(try golden("layer_ctx")))
        expectClose(model.image.layer(0)(input).value, try golden("self_layer_out"), "plain layer")
        let cross = try #require(model.fmri.crossBlock(0))
        expectClose(cross(input, context: context).value, try golden("cross_layer_out"), "cross layer")
    }

    @Test("The public image model warm-starts the second phase, the additional decoder layers passed over")
    func warmStart() throws {
        let image = try FMRIGoldenFiles.weights("phase2/hf_vit_mae_like.bin")
        let model = try makeModel()
        let report = model.imageStore.load(image)
        #expect(report.misshapen.isEmpty)
        #expect(report.missing.allSatisfy { $0.contains("cross") })
        #expect(report.unexpected.allSatisfy { $0.hasPrefix("decoder.decoder_layers.") })
        let phase1 = try FMRIGoldenFiles.weights("fmri_mae/phase1_checkpoint.pth")
        let fmriReport = model.fmriStore.load(phase1)
        #expect(fmriReport.misshapen.isEmpty)
        #expect(fmriReport.missing.allSatisfy { $0.hasPrefix("cross_") })
        #expect(fmriReport.unexpected.allSatisfy { $0.hasPrefix("decoder_blocks.") })
    }

    @Test("The classifier's scores, under both spellings of its perceptron")
    func classifier() throws {
        let golden = try FMRIGoldenFiles("metrics/vit_classifier_io.npz")
        let weights = try FMRIGoldenFiles.weights("metrics/vit_classifier.pth")
        var old = StateDictionary()
        for name in weights.names {
            let spelling = name.replacing(".mlp.0.", with: ".mlp.linear_1.")
            old[spelling.replacing(".mlp.3.", with: ".mlp.linear_2.")] = weights[name]
        }
        for weights in [weights, old] {
            let store = ParameterStore()
            // The number of heads stands beside the file's sizes in the manifest; this one has two of eight columns.
            let configuration = try VisionClassifierConfiguration(
                inferredFrom: StateShapes(weights, source: "vit_classifier.pth"),
                heads: 2
            )
            let classifier = VisionClassifier(configuration, store.root)
            #expect(store.load(weights, rename: VisionClassifier.currentName).isExact)
            let scores = classifier(nchwToNHWC(try golden("input")))
            expectClose(scores.value, try golden("logits"), "scores")
            expectClose(softmax(scores).value, try golden("softmax"), "probabilities")
        }
    }
}
