import Neural
import SharedMaterial
import Tensors
import Testing
import Weights

@testable import Decoder

@Suite("Weights of recorded checkpoints", .enabled(if: SharedMaterial.isPresent))
struct FMRILoadingTests {
    private func weights(_ path: String) throws -> StateDictionary {
        try TorchCheckpoint(path: SharedMaterial.url("fixtures/\(path)").path).stateDictionary()
    }

    private func expectClose(_ actual: Variable, _ name: String, in archive: NPZ) throws {
        let expected = try archive.array(name)
        #expect(actual.shape == expected.shape)
        let largest = expected.floats().map(abs).max() ?? 0
        for (a, b) in zip(actual.value.elements, expected.floats()) { #expect(abs(a - b) <= 1e-4 * (1 + largest)) }
    }

    @Test("The conditioning network of a fine-tuned checkpoint gives the reference's condition")
    func conditioning() throws {
        let own = try weights("ldm/finetuned.pth").slice(prefix: "cond_stage_model.")
        let store = ParameterStore()
        let network = FMRIConditioning(
            try FMRIConditioningConfiguration(inferredFrom: StateShapes(own, source: "finetuned.pth"), heads: 4),
            store.root
        )
        #expect(store.load(own).isExact)
        let archive = try NPZ(path: SharedMaterial.url("fixtures/ldm/sampling.npz").path)
        let pattern = Tensor(try archive.array("fmri"))
        try expectClose(network.encoder(pattern), "mae_tokens", in: archive)
        try expectClose(network.mapSequence(network.encoder(pattern)), "channel_mapped", in: archive)
        try expectClose(network(pattern), "conditioning", in: archive)
    }

    @Test("A checkpoint of the first phase fills the encoder and leaves the mappers alone")
    func pretrainedEncoder() throws {
        let phase1 = try weights("fmri_mae/phase1_checkpoint.pth")
        let store = ParameterStore()
        var encoder = try FMRIEncoderConfiguration(inferredFrom: StateShapes(phase1, source: "phase 1"), heads: 4)
        encoder.voxels += 3 * encoder.patchSize
        _ = FMRIConditioning(FMRIConditioningConfiguration(encoder: encoder, contextWidth: 16), store.root)
        #expect(FMRIEncoder.load(pretrained: phase1, into: store).isExact)
        let norm = try #require(store["mae.norm.weight"]).value.elements
        #expect(try #require(phase1["norm.weight"]).floats() == norm)
        #expect(try #require(store["mae.pos_embed"]).value.shape[1] == encoder.patches + 1)
    }

    @Test("The second phase starts from the first and from the public image model, what is new staying fresh")
    func warmStart() throws {
        let (fmri, image) = (try weights("phase2/phase2_checkpoint.pth"), try weights("phase2/model_image.pth"))
        let model = CrossModalModel(
            fmri: try MaskedAutoencoderConfiguration(
                inferredFrom: StateShapes(fmri, source: "fMRI"),
                heads: 4,
                decoderHeads: 4,
                crossHeads: 3
            ),
            image: try VisionMaskedAutoencoderConfiguration(
                inferredFrom: StateShapes(image, source: "image"),
                heads: 3,
                decoderHeads: 2
            )
        )
        let fmriReport = model.fmriStore.load(try weights("fmri_mae/phase1_checkpoint.pth"))
        #expect(fmriReport.misshapen.isEmpty)
        #expect(fmriReport.missing.allSatisfy { $0.hasPrefix("cross_") })
        #expect(fmriReport.unexpected.allSatisfy { $0.hasPrefix("decoder_blocks.") })
        let imageReport = model.imageStore.load(try weights("phase2/hf_vit_mae_like.bin"))
        #expect(imageReport.misshapen.isEmpty)
        #expect(imageReport.missing.allSatisfy { $0.contains("cross") })
        #expect(imageReport.unexpected.allSatisfy { $0.hasPrefix("decoder.decoder_layers.") })
    }

    @Test("A classifier saved under the older spelling of its perceptron gives the reference's scores")
    func olderSpelling() throws {
        let current = try weights("metrics/vit_classifier.pth")
        var older = StateDictionary()
        for name in current.names {
            let spelling = name.replacing(".mlp.0.", with: ".mlp.linear_1.")
            older[spelling.replacing(".mlp.3.", with: ".mlp.linear_2.")] = current[name]
        }
        let store = ParameterStore()
        let classifier = VisionClassifier(
            try VisionClassifierConfiguration(inferredFrom: StateShapes(older, source: "classifier"), heads: 2),
            store.root
        )
        #expect(store.load(older, rename: VisionClassifier.currentName).isExact)
        let archive = try NPZ(path: SharedMaterial.url("fixtures/metrics/vit_classifier_io.npz").path)
        try expectClose(classifier(nchwToNHWC(Tensor(try archive.array("input")))), "logits", in: archive)
    }
}
