import Foundation
import Neural
import SharedMaterial
import Tensors
import Testing

@testable import Decoder

@Suite("Importing checkpoints of the reference", .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"))
final class ImportTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func fixture(_ name: String) throws -> String {
        try SharedMaterial.url("fixtures/\(name)").path
    }

    @Test("a fine-tuned checkpoint becomes a bundle with all its weights")
    func fineTuned() throws {
        let path = try fixture("ldm/finetuned.pth")
        let source = try BundleImport(fineTuned: path)
        #expect(source.steps == 250)
        let manifest = try source.write(to: folder.appendingPathComponent("a.percept"), creator: "a test")
        #expect(manifest.voxels == 160)
        let decoder = try DecoderBundle(opening: folder.appendingPathComponent("a.percept")).makeDecoder()
        let checkpoint = try Checkpoint(path: path)
        for parameter in decoder.store.parameters {
            #expect(checkpoint.weights[parameter.name]?.floats() == parameter.value.elements)
        }
    }

    @Test(
        "an encoder of either phase and a label-to-image model become a bundle that says it needs fine-tuning",
        arguments: ["fmri_mae/phase1_checkpoint.pth", "phase2/phase2_checkpoint.pth"]
    )
    func pair(encoder: String) throws {
        var options = BundleImport.Options()
        options.seed = 5
        options.imageSize = 32
        let (encoderPath, imagePath) = (try fixture(encoder), try fixture("ldm/label2img_model.ckpt"))
        let source = try BundleImport(encoder: encoderPath, labelToImage: imagePath, options: options)
        let manifest = try source.write(to: folder.appendingPathComponent("b.percept"), creator: "a test")
        #expect(manifest.provenance.needsFineTuning)
        #expect(manifest.provenance.seed == 5)
        #expect(manifest.provenance.notes.contains { $0.contains("fine-tune") })
        #expect(manifest.networks.unet.timeConditioning == .tokens(77))
        let decoder = try DecoderBundle(opening: folder.appendingPathComponent("b.percept")).makeDecoder()
        let pretrained = try Checkpoint(path: encoderPath).weights
        let image = try Checkpoint(path: imagePath).weights
        let store = decoder.store
        #expect(
            pretrained["blocks.1.mlp.fc1.weight"]?.floats()
                == store["cond_stage_model.mae.blocks.1.mlp.fc1.weight"]?.value.elements
        )
        let name = "model.diffusion_model.middle_block.0.in_layers.2.weight"
        #expect(image[name]?.floats() == store[name]?.value.elements)
        #expect(store["cond_stage_model.channel_mapper.0.weight"]?.value.elements.contains { $0 != 0 } == true)
    }

    @Test("an encoder is fitted to another number of voxels by interpolating its positions")
    func otherVoxels() throws {
        var options = BundleImport.Options()
        options.voxels = 208
        let source = try BundleImport(
            encoder: try fixture("fmri_mae/phase1_checkpoint.pth"),
            labelToImage: try fixture("ldm/label2img_model.ckpt"),
            options: options
        )
        let positions = try #require(source.decoder.store["cond_stage_model.mae.pos_embed"])
        #expect(positions.shape == [1, 14, 32])
        let stored = try Checkpoint(path: try fixture("fmri_mae/phase1_checkpoint.pth")).weights["pos_embed"]?.floats()
        #expect(Array(positions.value.elements.prefix(64)) == stored.map { Array($0.prefix(64)) })
    }

    @Test("a checkpoint of another kind is refused with what to do instead")
    func otherKind() throws {
        let path = try fixture("ldm/label2img_model.ckpt")
        let error = #expect(throws: BundleError.self) { try BundleImport(fineTuned: path) }
        #expect(error?.detail.contains("together with an encoder checkpoint") == true)
    }
}
