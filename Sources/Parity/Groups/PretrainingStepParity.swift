import Decoder
import Neural
import Tensors

/// A training step of the first phase: loss, gradients and the parameters after it.
public struct PretrainingStepParity: ParityGroup {
    /// The files of the group.
    public static let files = ["fmri_mae/train_step.npz", "contrast/io.npz", FMRIFixture.file]

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        let inputs = try folder.archive(Self.files[1])
        let fixture = try FMRIFixture(folder)
        let (model, store) = try fixture.makeModel()
        let patterns = try fixture.patterns("input", in: inputs)
        let first = try fixture.selection("noise_1", of: patterns, in: inputs)
        let second = try fixture.selection("noise_2", of: patterns, in: inputs)
        // The recorded step has the peak learning rate.
        let settings = OptimizationSettings(warmupEpochs: 0, epochs: 0)
        let step = PretrainingStep(model: model, store: store, settings: settings)
        let report = step(patterns, first, second, epoch: 0)
        var checks = ParityChecks()
        checks.attempt("\(archive.file): loss") { checks in
            try checks.compare(Double(report.loss), with: "loss", in: archive)
            try checks.compare(Double(report.gradientNorm), with: "grad_norm_before_clip", in: archive)
        }
        checks.compareGradients(of: store, prefix: "grad/", in: archive)
        for name in archive.names where name.hasPrefix("after/") {
            let label = "\(archive.file): \(name)"
            checks.attempt(label) { checks in
                guard let parameter = store[String(name.dropFirst("after/".count))] else {
                    throw ParityError(.malformed, label, "the network has no such parameter")
                }
                try checks.compare(parameter.value, with: name, in: archive, .updatedParameter)
            }
        }
        return checks.all
    }
}
