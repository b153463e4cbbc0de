import Decoder
import Neural
import Tensors

/// The contrastive losses, on reconstructions and on arbitrary vectors.
public struct ContrastParity: ParityGroup {
    /// The files of the group.
    public static let files = ["contrast/io.npz", FMRIFixture.file]

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        var checks = ParityChecks()
        checks.attempt("\(archive.file): objective") { try objective(FMRIFixture(folder), archive, &$0) }
        for name in archive.names where name.hasPrefix("infonce_") {
            checks.attempt("\(archive.file): \(name)") { try vectors(name, archive, &$0) }
        }
        return checks.all
    }

    private func objective(_ fixture: FMRIFixture, _ archive: FixtureArchive, _ checks: inout ParityChecks) throws {
        let (model, _) = try fixture.makeModel()
        let input = try fixture.patterns("input", in: archive)
        let first = try fixture.selection("noise_1", of: input, in: archive)
        let second = try fixture.selection("noise_2", of: input, in: archive)
        let standard = PretrainingObjective().loss(model, input, first, second)
        try checks.compare(standard.prediction, with: "pred_1", in: archive)
        if let prediction = standard.secondPrediction { try checks.compare(prediction, with: "pred_2", in: archive) }
        try checks.compare(standard.total, with: "total_default", in: archive)
        try checks.compare(standard.reconstruction, with: "mask_loss", in: archive)
        try checks.compare(standard.contrast, with: "contrast_loss_default", in: archive)
        // Distillation is no part of the method; the reference reports 0 for it.
        try checks.compare(0, with: "distill_loss", in: archive)
        let separate = PretrainingObjective(contrastsSecondPass: true).loss(model, input, first, second)
        try checks.compare(separate.total, with: "total_sep", in: archive)
        try checks.compare(separate.contrast, with: "contrast_loss_sep", in: archive)
        let effective = PretrainingObjective.Preset.referenceEffective.objective.loss(model, input, first, second)
        try checks.compare(effective.total, with: "total_no_mask_loss", in: archive)
        try terms(standard, input, archive, &checks)
    }

    private func terms(
        _ loss: PretrainingObjective.Loss,
        _ input: Tensor,
        _ archive: FixtureArchive,
        _ checks: inout ParityChecks
    ) throws {
        let flat = [input.shape[0], input.shape[2]]
        let (signal, first) = (Variable(input.reshaped(flat)), loss.prediction.reshaped(flat))
        let unpaired = PretrainingObjective(negatives: .unpaired).selfContrast(first, signal)
        try checks.compare(unpaired, with: "self_infonce_unpaired", in: archive)
        let paired = PretrainingObjective(negatives: .paired).selfContrast(first, signal)
        try checks.compare(paired, with: "self_infonce_paired", in: archive)
        try checks.compare(InfoNCE().cosines(first, signal), with: "cos_matrix_pred1_input", in: archive)
        if let second = loss.secondPrediction?.reshaped(flat) {
            try checks.compare(InfoNCE()(first, second), with: "cross_infonce_unpaired", in: archive)
        }
    }

    /// `infonce_KIND_Tτ`: the kind of negatives and the temperature.
    private func vectors(_ name: String, _ archive: FixtureArchive, _ checks: inout ParityChecks) throws {
        guard let match = name.wholeMatch(of: #/infonce_(implicit|neg_unpaired|neg_paired)_T([0-9.e-]+)/#),
            let temperature = Float(match.2), temperature > 0
        else { throw ParityError(.malformed, "\(archive.file): \(name)", "the name tells no kind and temperature") }
        let queries = try archive.tensor("q", [nil, nil])
        let (count, width) = (queries.shape[0], queries.shape[1])
        let positives = Variable(try archive.tensor("kpos", [count, width]))
        let contrast = InfoNCE(temperature: temperature)
        let loss: Variable
        switch match.1 {
        case "implicit":
            loss = contrast(Variable(queries), positives)
        case "neg_unpaired":
            let negatives = Variable(try archive.tensor("kneg_unpaired", [nil, width]))
            loss = contrast(Variable(queries), positives, negatives: negatives)
        default:
            let negatives = Variable(try archive.tensor("kneg_paired", [count, nil, width]))
            loss = contrast(Variable(queries), positives, pairedNegatives: negatives)
        }
        try checks.compare(loss, with: name, in: archive)
    }
}
