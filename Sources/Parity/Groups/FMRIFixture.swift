import Decoder
import Neural
import Tensors
import Weights

/// The recorded masked autoencoder of the first phase.
struct FMRIFixture {
    static let file = "fmri_mae/phase1_checkpoint.pth"

    let weights: StateDictionary
    let configuration: MaskedAutoencoderConfiguration
    let maskRatio: Double

    init(_ folder: FixtureFolder) throws {
        weights = try folder.weights(Self.file)
        let sizes = try folder.config.section("mae")
        configuration = try MaskedAutoencoderConfiguration(
            inferredFrom: StateShapes(weights, source: Self.file),
            heads: sizes.int("num_heads"),
            decoderHeads: sizes.int("decoder_num_heads")
        )
        maskRatio = try folder.config.double("mask_ratio")
    }

    /// The network with its recorded weights.
    func makeModel() throws -> (model: MaskedAutoencoder, store: ParameterStore) {
        let store = ParameterStore()
        let model = MaskedAutoencoder(configuration, store.root)
        try store.loadExactly(weights, file: Self.file)
        return (model, store)
    }

    /// Recorded patterns `[B, 1, V]`.
    func patterns(_ name: String, in archive: FixtureArchive) throws -> Tensor {
        try archive.tensor(name, [nil, 1, configuration.voxels])
    }

    /// The masking of patterns by recorded noise.
    func selection(_ name: String, of patterns: Tensor, in archive: FixtureArchive) throws -> PatchSelection {
        try archive.selection(name, batch: patterns.shape[0], patches: configuration.patches, ratio: maskRatio)
    }
}
