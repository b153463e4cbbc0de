import Neural
import Tensors
import Testing

@testable import Decoder

@Suite("Tuning with cross-modal guidance")
struct FMRICrossModalTests {
    private let model: CrossModalModel
    private let patterns: Tensor
    private let images: Tensor
    private let selections: CrossModalModel.Selections

    init() {
        let fmri = MaskedAutoencoderConfiguration(
            voxels: 48,
            patchSize: 8,
            width: 16,
            depth: 1,
            heads: 2,
            decoderWidth: 8,
            decoderDepth: 1,
            decoderHeads: 2,
            crossAttention: CrossAttentionConfiguration(depth: 2, width: 12, heads: 3, hiddenWidth: 16)
        )
        let image = VisionMaskedAutoencoderConfiguration(
            imageSize: 12,
            patchSize: 4,
            width: 12,
            depth: 1,
            heads: 3,
            hiddenWidth: 16,
            decoderWidth: 8,
            decoderDepth: 1,
            decoderHeads: 2,
            decoderHiddenWidth: 12,
            crossDepth: 2,
            contextWidth: 16
        )
        model = CrossModalModel(fmri: fmri, image: image, seed: 3)
        var random = RandomNumbers(seed: 5)
        for parameter in model.fmriStore.parameters + model.imageStore.parameters
        where !parameter.name.contains("pos") {
            let change = random.normal(parameter.shape, deviation: 0.15)
            parameter.update { add(change, to: $0) }
        }
        patterns = random.normal([2, 1, 48])
        images = random.normal([2, 12, 12, 3])
        let everything = PatchMasking(ratio: 0)
        selections = CrossModalModel.Selections(
            imageSupport: everything.selection(batch: 2, patches: 9, patchSize: 4, random: &random),
            fmriReconstruction: PatchMasking(ratio: 0.5)
                .selection(batch: 2, patches: 6, patchSize: 8, random: &random),
            fmriSupport: everything.selection(batch: 2, patches: 6, patchSize: 8, random: &random),
            imageReconstruction: PatchMasking(ratio: 0.5)
                .selection(batch: 2, patches: 9, patchSize: 4, random: &random)
        )
    }

    @Test("Of the image network only the cross-attention layers and the decoder are trained")
    func trainable() {
        model.selectTrainable()
        #expect(
            Set(model.fmriStore.parameters.filter { !$0.isTrainable }.map(\.name)) == [
                "pos_embed", "decoder_pos_embed",
            ]
        )
        let image = model.imageStore.trainable.map(\.name)
        #expect(image.allSatisfy { $0.contains("cross") || $0.hasPrefix("decoder.") })
        #expect(!image.contains("decoder.decoder_pos_embed"))
        let frozen = model.imageStore.parameters.filter { !$0.isTrainable }.map(\.name)
        #expect(frozen.allSatisfy { !$0.contains("cross") })
        model.selectTrainable(trainsDecoderPositions: true)
        #expect(Set(model.imageStore.trainable.map(\.name)) == Set(image + ["decoder.decoder_pos_embed"]))
    }

    @Test("Without the other modality's features the cross-attention parts are left out altogether")
    func withoutContext() {
        let store = ParameterStore()
        var configuration = model.image.configuration
        configuration.crossDepth = 0
        let plain = VisionMaskedAutoencoder(configuration, store.root)
        for parameter in store.parameters {
            if let known = model.imageStore[parameter.name] { parameter.value = known.value }
        }
        let expected = plain.encode(images, selections.imageReconstruction).value.elements
        #expect(model.image.encode(images, selections.imageReconstruction).value.elements == expected)
    }

    @Test("The order of the supporting tokens does not matter")
    func supportOrder() {
        let identity = PatchMasking(ratio: 0).selection(noise: Tensor((0..<18).map { Float($0 % 9) }, shape: [2, 9]))
        func latent(_ support: PatchSelection) -> [Float] {
            let features = model.image.encode(images, support)
            return model.fmri.encode(patterns, selections.fmriReconstruction, imageFeatures: features).value.elements
        }
        for (a, b) in zip(latent(identity), latent(selections.imageSupport)) {
            #expect(abs(a - b) < 1e-5 * (1 + abs(a)))
        }
    }

    @Test("The image's loss trains the fMRI encoder through its features")
    func featuresAreNotDetached() {
        let step = CrossModalTuningStep(model: model, weights: CrossModalModel.Weights(fmri: 0, image: 1))
        _ = step.differentiate(patterns: patterns, images: images, selections)
        let gradient = model.fmriStore["blocks.0.attn.qkv.weight"]?.gradient
        #expect((gradient.map(sumOfSquares) ?? 0) > 0)
    }

    @Test("Gradients of the joint loss agree with finite differences")
    func gradients() {
        let step = CrossModalTuningStep(model: model, weights: .published, trainsDecoderPositions: true)
        _ = step.differentiate(patterns: patterns, images: images, selections)
        var random = RandomNumbers(seed: 10)
        let names = [
            "patch_embed.proj.weight", "cross_map_in.weight", "cross_blocks.1.layernorm_before.weight",
            "cross_blocks.0.cross_attention.attention.key.weight", "vit.encoder.cross_map_in.weight",
            "vit.encoder.layer_cross.1.output.dense.weight", "decoder.mask_token", "decoder.decoder_pos_embed",
        ]
        for name in names {
            guard let parameter = model.fmriStore[name] ?? model.imageStore[name], let gradient = parameter.gradient
            else {
                Issue.record("no gradient for \(name)")
                continue
            }
            let direction = random.normal(parameter.shape)
            let slope = sum(multiply(gradient, direction))
            let original = parameter.value
            func loss(_ distance: Float) -> Double {
                parameter.value = add(original, scale(direction, by: distance))
                let result = model(patterns: patterns, images: images, selections, weights: .published)
                return Double(result.total.value.item)
            }
            let distance: Float = 2e-3
            let difference = (loss(distance) - loss(-distance)) / (2 * Double(distance))
            parameter.value = original
            #expect(abs(difference - slope) < 2e-2 * (0.05 + abs(slope)), "\(name): \(slope) against \(difference)")
        }
    }

    @Test("A step lowers the joint loss and reports the norm of each network's gradients")
    func step() {
        let settings = OptimizationSettings(peakLearningRate: 1e-3, warmupEpochs: 0, epochs: 0)
        let step = CrossModalTuningStep(model: model, settings: settings)
        _ = step.differentiate(patterns: patterns, images: images, selections)
        let norms = (gradientNorm(model.fmriStore.trainable), gradientNorm(model.imageStore.trainable))
        let first = step(patterns: patterns, images: images, selections, epoch: 0)
        #expect(first.fmriGradientNorm == norms.0)
        #expect(first.imageGradientNorm == norms.1)
        let second = step(patterns: patterns, images: images, selections, epoch: 0)
        #expect(second.loss < first.loss)
    }

    @Test("The learning rate rises linearly over the warm-up and falls to 0 on half a cosine")
    func schedule() {
        let settings = OptimizationSettings.pretraining
        #expect(settings.learningRate(epoch: 0) == 0)
        #expect(abs(settings.learningRate(epoch: 10) - 2.5e-4 / 4) < 1e-12)
        #expect(abs(settings.learningRate(epoch: 40) - 2.5e-4) < 1e-12)
        #expect(abs(settings.learningRate(epoch: 270) - 1.25e-4) < 1e-12)
        #expect(abs(settings.learningRate(epoch: 500)) < 1e-12)
        #expect(OptimizationSettings(warmupEpochs: 0, epochs: 0).learningRate(epoch: 3) == 2.5e-4)
    }
}
