import Foundation
import Neural
import SharedMaterial
import Testing

@testable import Decoder

@Suite("State dicts at full size", .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"))
struct FMRIKeyListTests {
    /// Declares a network without giving any parameter a value, and compares names, order and shapes.
    private func compare(_ list: String, _ declare: (ParameterScope) -> Void) throws {
        let store = ParameterStore()
        declare(store.root)
        let expected = try keys(list)
        #expect(Set(store.parameters.map(\.name)) == Set(expected.map(\.name)))
        for (name, shape) in expected { #expect(store[name]?.shape == shape, "\(name)") }
    }

    /// The names and shapes of a key list: a line each, `name<tab>(extent, …)<tab>type`.
    private func keys(_ list: String) throws -> [(name: String, shape: [Int])] {
        let url = try SharedMaterial.url("spec/decoder-keys/\(list).tsv")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { line in
            let columns = line.split(separator: "\t")
            let shape = columns[1].split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
            return (String(columns[0]), shape)
        }
    }

    @Test("The masked autoencoder of the first phase has the reference's 398 tensors")
    func pretraining() throws {
        try compare("phase1_model_4656") { scope in
            _ = MaskedAutoencoder(MaskedAutoencoderConfiguration(voxels: 4656), scope)
        }
    }

    @Test("The fMRI network of the second phase has the reference's 450 tensors")
    func crossModalFMRI() throws {
        try compare("phase2_model_fmri_4656") { scope in
            _ = MaskedAutoencoder(.crossModal(voxels: 4656), scope)
        }
    }

    @Test("The image network of the second phase has the reference's 376 tensors")
    func crossModalImage() throws {
        try compare("phase2_model_image") { _ = VisionMaskedAutoencoder(.crossModal, $0) }
    }

    @Test("The image network without cross-attention has the public model's 334 tensors")
    func publicImageModel() throws {
        try compare("hf_vit_mae_base_with_reference_class") { scope in
            _ = VisionMaskedAutoencoder(VisionMaskedAutoencoderConfiguration(), scope)
        }
    }

    @Test("The conditioning network has the reference's 301 tensors")
    func conditioning() throws {
        try compare("cond_stage_4656") { scope in
            let encoder = FMRIEncoderConfiguration(voxels: 4656)
            _ = FMRIConditioning(FMRIConditioningConfiguration(encoder: encoder), scope)
        }
    }

    @Test("The classifier has torchvision's 392 tensors")
    func classifier() throws {
        try compare("torchvision_vit_h_14_518") { _ = VisionClassifier(.huge14, $0) }
    }
}
