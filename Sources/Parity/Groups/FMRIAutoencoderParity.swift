import Decoder
import Neural
import Tensors

/// The masked autoencoder of the first phase.
public struct FMRIAutoencoderParity: ParityGroup {
    /// The files of the group.
    public static let files = ["fmri_mae/io.npz", FMRIFixture.file]

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        let fixture = try FMRIFixture(folder)
        let (model, _) = try fixture.makeModel()
        let input = try fixture.patterns("input", in: archive)
        var checks = ParityChecks()
        checks.attempt("\(archive.file): position tables") { try tables(fixture.configuration, archive, &$0) }
        checks.attempt("\(archive.file): masked pass") { checks in
            let selection = try fixture.selection("noise", of: input, in: archive)
            try checks.compare(selection, mask: "mask", restore: "ids_restore", in: archive)
            try checks.compare(model.patchTokens(input), with: "patch_tokens", in: archive)
            let latent = model.encode(input, selection)
            try checks.compare(latent, with: "latent", in: archive)
            let prediction = model.decode(latent, selection)
            try checks.compare(prediction, with: "pred", in: archive)
            try checks.compare(model.reconstructionLoss(prediction, of: input, selection), with: "loss", in: archive)
        }
        checks.attempt("\(archive.file): unmasked pass") { try unmasked(model, input, archive, &$0) }
        return checks.all
    }

    private func tables(
        _ configuration: MaskedAutoencoderConfiguration,
        _ archive: FixtureArchive,
        _ checks: inout ParityChecks
    ) throws {
        let patches = configuration.patches
        for (name, width) in [
            ("pos_embed", configuration.width), ("decoder_pos_embed", configuration.decoderWidth),
        ] {
            let table = PositionTable.sequence(positions: patches, width: width)
            try checks.compare(table, with: name, in: archive)
        }
    }

    /// All patches in their order.
    private func unmasked(
        _ model: MaskedAutoencoder,
        _ input: Tensor,
        _ archive: FixtureArchive,
        _ checks: inout ParityChecks
    ) throws {
        let (batch, patches) = (input.shape[0], model.configuration.patches)
        let ascending = Tensor((0..<batch * patches).map { Float($0 % patches) }, shape: [batch, patches])
        let everything = PatchMasking(ratio: 0).selection(noise: ascending)
        if model.configuration.depth > 0 {
            let first = model.block(0)(model.sequence(input, everything))
            try checks.compare(first, with: "block0_unmasked", in: archive)
        }
        let latent = model.encode(input, everything)
        try checks.compare(latent, with: "latent_unmasked", in: archive)
        let prediction = model.decode(latent, everything)
        try checks.compare(prediction, with: "pred_unmasked", in: archive)
        let loss = model.reconstructionLoss(prediction, of: input, everything)
        try checks.compare(loss, with: "loss_unmasked", in: archive)
    }
}
