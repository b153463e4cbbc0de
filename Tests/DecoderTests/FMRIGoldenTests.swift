import Neural
import Tensors
import Testing
import Weights

@testable import Decoder

@Suite(
    "The fMRI networks against the reference",
    .enabled(if: FMRISharedMaterial.isPresent, "\(FMRISharedMaterial.missing)")
)
struct FMRIGoldenTests {
    private let weights: StateDictionary
    private let configuration: MaskedAutoencoderConfiguration
    private let ratio: Double

    init() throws {
        weights = try FMRIGoldenFiles.weights("fmri_mae/phase1_checkpoint.pth")
        configuration = try MaskedAutoencoderConfiguration(
            inferredFrom: StateShapes(weights, source: "phase1_checkpoint.pth"),
            heads: FMRIGoldenFiles.size("mae.num_heads"),
            decoderHeads: FMRIGoldenFiles.size("mae.decoder_num_heads")
        )
        ratio = try FMRIGoldenFiles.number("mask_ratio")
    }

    private func makeModel() -> (MaskedAutoencoder, ParameterStore) {
        let store = ParameterStore()
        let model = MaskedAutoencoder(configuration, store.root)
        #expect(store.load(weights).isExact)
        return (model, store)
    }

    @Test("Masked autoencoder: masks, tokens, latents, predictions and losses")
    func maskedAutoencoder() throws {
        let golden = try FMRIGoldenFiles("fmri_mae/io.npz")
        let (model, _) = makeModel()
        let input = try golden("input")
        let selection = try golden.selection("noise", ratio: ratio)
        #expect(selection.mask.elements == (try golden("mask").elements))
        #expect(Array(selection.restore.joined()) == (try golden.arrays.array("ids_restore").integers()))
        expectClose(model.patchTokens(input).value, try golden("patch_tokens"), "patch tokens")
        let latent = model.encode(input, selection)
        expectClose(latent.value, try golden("latent"), "latent")
        let prediction = model.decode(latent, selection)
        expectClose(prediction.value, try golden("pred"), "prediction")
        expectClose(model.reconstructionLoss(prediction, of: input, selection).value, try golden("loss"), "loss")
        let (batch, patches) = (input.shape[0], configuration.patches)
        let ascending = Tensor((0..<batch * patches).map { Float($0 % patches) }, shape: [batch, patches])
        let all = PatchMasking(ratio: 0).selection(noise: ascending)
        expectClose(model.block(0)(model.sequence(input, all)).value, try golden("block0_unmasked"), "block 0")
        let everything = model.encode(input, all)
        expectClose(everything.value, try golden("latent_unmasked"), "latent of all patches")
        let complete = model.decode(everything, all)
        expectClose(complete.value, try golden("pred_unmasked"), "prediction from all patches")
        expectClose(model.reconstructionLoss(complete, of: input, all).value, try golden("loss_unmasked"), "loss 0")
    }

    @Test("Position tables equal the reference's")
    func positionTables() throws {
        let golden = try FMRIGoldenFiles("fmri_mae/io.npz")
        let store = ParameterStore()
        _ = MaskedAutoencoder(configuration, store.root)
        for name in ["pos_embed", "decoder_pos_embed"] {
            expectClose(try #require(store[name]).value, try golden(name), name, tolerance: 1e-6)
        }
    }

    @Test("Contrast: every term in both modes, totals for every choice of terms")
    func contrast() throws {
        let golden = try FMRIGoldenFiles("contrast/io.npz")
        let (model, _) = makeModel()
        let input = try golden("input")
        let first = try golden.selection("noise_1", ratio: ratio)
        let second = try golden.selection("noise_2", ratio: ratio)
        let standard = PretrainingObjective().loss(model, input, first, second)
        expectClose(standard.total.value, try golden("total_default"), "total")
        expectClose(standard.contrast.value, try golden("contrast_loss_default"), "contrast")
        expectClose(standard.reconstruction.value, try golden("mask_loss"), "reconstruction")
        let both = PretrainingObjective(contrastsSecondPass: true).loss(model, input, first, second)
        expectClose(both.total.value, try golden("total_sep"), "total with both passes")
        let effective = PretrainingObjective.Preset.referenceEffective.objective.loss(model, input, first, second)
        expectClose(effective.total.value, try golden("total_no_mask_loss"), "total without reconstruction")
        let flat = [input.shape[0], configuration.voxels]
        let (prediction, signal) = (standard.prediction.reshaped(flat), Variable(input.reshaped(flat)))
        let paired = PretrainingObjective(negatives: .paired).selfContrast(prediction, signal)
        expectClose(paired.value, try golden("self_infonce_paired"), "paired self-contrast")
        let unpaired = PretrainingObjective().selfContrast(prediction, signal)
        expectClose(unpaired.value, try golden("self_infonce_unpaired"), "self-contrast")
        expectClose(InfoNCE().cosines(prediction, signal).value, try golden("cos_matrix_pred1_input"), "cosines")
    }

    @Test("A training step: loss, gradients, norm and the parameters after it")
    func trainingStep() throws {
        let golden = try FMRIGoldenFiles("fmri_mae/train_step.npz")
        let arrays = try FMRIGoldenFiles("contrast/io.npz")
        let (model, store) = makeModel()
        let settings = OptimizationSettings(warmupEpochs: 0, epochs: 0)
        let report = PretrainingStep(model: model, store: store, settings: settings)(
            try arrays("input"),
            try arrays.selection("noise_1", ratio: ratio),
            try arrays.selection("noise_2", ratio: ratio),
            epoch: 0
        )
        expectClose(Tensor(report.loss), try golden("loss"), "loss")
        expectClose(Tensor(report.gradientNorm), try golden("grad_norm_before_clip"), "gradient norm")
        try expectCloseGradients(store, golden, prefix: "grad/")
        for name in golden.arrays.names where name.hasPrefix("after/") {
            let after = try #require(store[String(name.dropFirst(6))]).value
            let error = zip(after.elements, try golden(name).elements).map { abs($0 - $1) }.max() ?? 0
            #expect(error <= 5e-5, "\(name)")
        }
    }

    @Test(
        "Decoding encoder: tokens and pooled, with the checkpoint's and with another number of patches",
        arguments: ["same", "interp"],
        [FMRIEncoderConfiguration.Pooling.tokens, .mean]
    )
    func encoder(case name: String, pooling: FMRIEncoderConfiguration.Pooling) throws {
        let golden = try FMRIGoldenFiles("fmri_mae/encoder_io.npz")
        let input = try golden("input_\(name)")
        var encoderConfiguration = configuration.encoder
        encoderConfiguration.voxels = input.shape[2]
        encoderConfiguration.pooling = pooling
        let store = ParameterStore()
        let encoder = FMRIEncoder(encoderConfiguration, store.root)
        var weights = weights
        if pooling == .mean {
            // The reference leaves every norm at its start in this mode.
            var others = StateDictionary()
            for name in weights.names where !name.contains("norm") { others[name] = weights[name] }
            weights = others
        }
        let report = FMRIEncoder.load(pretrained: weights, into: store, prefix: "")
        #expect(report.misshapen.isEmpty && report.unexpected.isEmpty)
        #expect(report.missing.allSatisfy { $0.contains("norm") })
        #expect(try #require(store["pos_embed"]).value.elements == (try golden("pos_embed_\(name)").elements))
        let output = try golden("output_\(name)_globalpool\(pooling == .mean ? 1 : 0)")
        expectClose(encoder(input).value, output, "output")
    }

    @Test("Conditioning of a fine-tuned checkpoint")
    func conditioning() throws {
        let golden = try FMRIGoldenFiles("ldm/sampling.npz")
        let weights = try FMRIGoldenFiles.weights("ldm/finetuned.pth").slice(prefix: "cond_stage_model.")
        let store = ParameterStore()
        let network = try FMRIConditioning(
            FMRIConditioningConfiguration(
                inferredFrom: StateShapes(weights, source: "finetuned.pth"),
                heads: FMRIGoldenFiles.size("mae.num_heads")
            ),
            store.root
        )
        #expect(store.load(weights).isExact)
        let tokens = network.encoder(try golden("fmri"))
        expectClose(tokens.value, try golden("mae_tokens"), "tokens")
        expectClose(network.mapSequence(tokens).value, try golden("channel_mapped"), "mapped tokens")
        expectClose(network(try golden("fmri")).value, try golden("conditioning"), "condition")
    }
}
