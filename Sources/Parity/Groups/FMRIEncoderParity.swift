import Decoder
import Neural
import Tensors
import Weights

/// The fMRI encoder used for decoding, in both pooling modes, with the checkpoint's and with other numbers of patches.
public struct FMRIEncoderParity: ParityGroup {
    /// The files of the group.
    public static let files = ["fmri_mae/encoder_io.npz", FMRIFixture.file]

    /// Makes the group.
    public init() {}

    /// Compares every array: `input_CASE`, `pos_embed_CASE` and `output_CASE_globalpool0` or `1`.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        let fixture = try FMRIFixture(folder)
        var checks = ParityChecks()
        for name in archive.names where name.hasPrefix("input_") {
            let name = String(name.dropFirst("input_".count))
            for pooling in [FMRIEncoderConfiguration.Pooling.tokens, .mean] {
                let output = "output_\(name)_globalpool\(pooling == .mean ? 1 : 0)"
                guard archive.has(output) else { continue }
                checks.attempt("\(archive.file): \(output)") { checks in
                    try compare(name, pooling, output, fixture, archive, &checks)
                }
            }
        }
        return checks.all
    }

    private func compare(
        _ name: String,
        _ pooling: FMRIEncoderConfiguration.Pooling,
        _ output: String,
        _ fixture: FMRIFixture,
        _ archive: FixtureArchive,
        _ checks: inout ParityChecks
    ) throws {
        let input = try archive.tensor("input_\(name)", [nil, 1, nil])
        var configuration = fixture.configuration.encoder
        configuration.voxels = input.shape[2]
        configuration.pooling = pooling
        try configuration.validate()
        let store = ParameterStore()
        let encoder = FMRIEncoder(configuration, store.root)
        let report = FMRIEncoder.load(
            pretrained: pooling == .mean ? withoutNorms(fixture.weights) : fixture.weights,
            into: store,
            prefix: ""
        )
        guard report.misshapen.isEmpty else {
            throw ParityError(.malformed, FMRIFixture.file, report.description)
        }
        if pooling == .tokens, archive.has("pos_embed_\(name)"), let table = store["pos_embed"] {
            try checks.compare(table.value, with: "pos_embed_\(name)", in: archive, .exact)
        }
        try checks.compare(encoder(input), with: output, in: archive)
    }

    /// When it pools, the reference drops every array whose name contains "norm", which leaves all norms at 1 and 0.
    private func withoutNorms(_ weights: StateDictionary) -> StateDictionary {
        var result = StateDictionary()
        for name in weights.names where !name.contains("norm") { result[name] = weights[name] }
        return result
    }
}
