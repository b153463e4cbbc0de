import Neural
import Testing

@testable import Decoder

@Suite("Sizes read off a state dict")
struct FMRIShapeInferenceTests {
    private func shapes(_ declare: (ParameterScope) -> Void) -> StateShapes {
        let store = ParameterStore()
        declare(store.root)
        let declared = Dictionary(uniqueKeysWithValues: store.parameters.map { ($0.name, $0.shape) })
        return StateShapes(declared, source: "test")
    }

    @Test("Every network's configuration can be read off its own state dict")
    func roundTrips() throws {
        let pretraining = MaskedAutoencoderConfiguration(voxels: 4192, hiddenRatio: 2)
        #expect(
            try MaskedAutoencoderConfiguration(
                inferredFrom: shapes { _ = MaskedAutoencoder(pretraining, $0) }
            ) == pretraining
        )
        let tuning = MaskedAutoencoderConfiguration.crossModal(voxels: 4656)
        #expect(
            try MaskedAutoencoderConfiguration(
                inferredFrom: shapes { _ = MaskedAutoencoder(tuning, $0) }
            ) == tuning
        )
        let image = VisionMaskedAutoencoderConfiguration.crossModal
        #expect(
            try VisionMaskedAutoencoderConfiguration(
                inferredFrom: shapes { _ = VisionMaskedAutoencoder(image, $0) }
            ) == image
        )
        for classifier in [VisionClassifierConfiguration.huge14, .large16, .base16] {
            let declared = shapes { _ = VisionClassifier(classifier, $0) }
            #expect(try VisionClassifierConfiguration(inferredFrom: declared) == classifier)
        }
        for pooling in [FMRIEncoderConfiguration.Pooling.tokens, .mean] {
            let encoder = FMRIEncoderConfiguration(voxels: 4656, depth: 2, pooling: pooling)
            let tokens = pooling == .tokens ? 77 : 1
            let conditioning = FMRIConditioningConfiguration(encoder: encoder, tokens: tokens)
            let declared = shapes { _ = FMRIConditioning(conditioning, $0["cond_stage_model"]) }
            let own = declared.below("cond_stage_model.")
            #expect(try FMRIConditioningConfiguration(inferredFrom: own) == conditioning)
        }
    }

    @Test("One ratio gives both hidden widths of a masked autoencoder", arguments: [1, 1.3, 2.7, 4, 0.35])
    func hiddenRatio(ratio: Double) throws {
        let configuration = MaskedAutoencoderConfiguration(
            voxels: 64,
            width: 48,
            depth: 1,
            heads: 2,
            decoderWidth: 34,
            decoderDepth: 1,
            decoderHeads: 2,
            hiddenRatio: ratio
        )
        let declared = shapes { _ = MaskedAutoencoder(configuration, $0) }
        let inferred = try MaskedAutoencoderConfiguration(inferredFrom: declared, heads: 2, decoderHeads: 2)
        let again = shapes { _ = MaskedAutoencoder(inferred, $0) }
        for name in ["blocks.0.mlp.fc1.weight", "decoder_blocks.0.mlp.fc1.weight"] {
            #expect(again[name] == declared[name])
        }
    }

    @Test("A state dict without the tensors that tell the sizes is refused by name")
    func missing() {
        #expect(throws: BundleError.self) {
            try FMRIEncoderConfiguration(inferredFrom: StateShapes(["pos_embed": [1, 292, 1024]], source: "test"))
        }
    }

    @Test(
        "Shapes of the wrong rank, empty axes and absurd sizes are refused",
        arguments: [
            ([1024, 16], [1, 292, 1024]), ([1024, 1, 0], [1, 292, 1024]), ([1024, 1, 1 << 40], [1, 1 << 40, 1024]),
            ([1023, 1, 16], [1, 292, 1023]), ([1024, 1, 16], [1, 1, 1024]),
        ] as [([Int], [Int])]
    )
    func hostile(embedding: [Int], positions: [Int]) {
        let shapes = ["patch_embed.proj.weight": embedding, "pos_embed": positions]
        #expect(throws: (any Error).self) {
            try FMRIEncoderConfiguration(inferredFrom: StateShapes(shapes, source: "test"))
        }
    }

    @Test("Both spellings of the classifier's perceptron are understood")
    func spellings() {
        let old = "encoder.layers.encoder_layer_3.mlp.linear_2.weight"
        #expect(VisionClassifier.currentName(of: old) == "encoder.layers.encoder_layer_3.mlp.3.weight")
        #expect(VisionClassifier.currentName(of: "heads.head.bias") == "heads.head.bias")
    }
}
