import Decoder
import Foundation
import Neural
import Tensors
import Weights

/// A training step of the third phase: losses, gradients, the selection of parameters, and the parameters after it.
public struct DiffusionTuningParity: ParityGroup {
    /// The files of the group.
    public static let files = ["ldm/train.npz", DiffusionFixture.finetunedFile]
    private static let selectionFile = "ldm/trained_parameters.json"

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        var checks = ParityChecks()
        checks.attempt("\(archive.file): after_clean") { checks in
            let step = DiffusionTuningStep(model: try DiffusionFixture.finetuned(folder))
            try inputs(step, archive, &checks)
            let loss = try differentiate(step, archive)
            try checks.compare(Double(loss.simple.value.item), with: "loss", in: archive)
            try checks.compare(Double(loss.variational), with: "loss_vlb", in: archive)
            checks.compareGradients(of: step.model.store, prefix: "grad/", in: archive)
            try checks.compare(Double(step.update()), with: "grad_norm_clean", in: archive)
            compareParameters(step.model.store, "after_clean/", archive, &checks)
        }
        checks.attempt("\(archive.file): after_duplicated") { checks in
            let step = DiffusionTuningStep(model: try DiffusionFixture.finetuned(folder), selection: .reference)
            _ = try differentiate(step, archive)
            try checks.compare(Double(step.update()), with: "grad_norm_duplicated", in: archive)
            compareParameters(step.model.store, "after_duplicated/", archive, &checks)
        }
        if folder.has(Self.selectionFile) {
            checks.attempt(Self.selectionFile) { try selection(folder, &$0) }
        }
        return checks.all
    }

    private func differentiate(_ step: DiffusionTuningStep, _ archive: FixtureArchive) throws
        -> DiffusionTuningStep.Loss
    {
        let model = step.model
        guard let voxels = model.configuration.conditioning?.encoder.voxels else {
            throw ParityError(.malformed, DiffusionFixture.finetunedFile, "the model has no conditioning")
        }
        return step.differentiate(
            images: try archive.channelLast("image", channels: model.configuration.autoencoder.imageChannels),
            patterns: try archive.tensor("fmri", [nil, 1, voxels]),
            timesteps: try archive.timesteps("t", below: model.schedule.count),
            noise: try archive.channelLast("noise", channels: model.configuration.unet.inputChannels)
        )
    }

    /// What goes into the loss.
    private func inputs(_ step: DiffusionTuningStep, _ archive: FixtureArchive, _ checks: inout ParityChecks) throws {
        let model = step.model
        let image = try archive.channelLast("image", channels: model.configuration.autoencoder.imageChannels)
        let latents = model.autoencoder.encode(Variable(image)).value
        try checks.compareChannelFirst(latents, with: "z0", in: archive)
        let noisy = noisyLatents(
            try archive.channelLast("z0"),
            noise: try archive.channelLast("noise"),
            timesteps: try archive.timesteps("t", below: model.schedule.count),
            schedule: model.schedule
        )
        try checks.compareChannelFirst(noisy, with: "z_noisy", in: archive)
        if let conditioning = model.conditioning {
            let voxels = conditioning.configuration.encoder.voxels
            let condition = conditioning(try archive.tensor("fmri", [nil, 1, voxels]))
            try checks.compare(condition, with: "conditioning", in: archive)
        }
    }

    private func compareParameters(
        _ store: ParameterStore,
        _ prefix: String,
        _ archive: FixtureArchive,
        _ checks: inout ParityChecks
    ) {
        for name in archive.names where name.hasPrefix(prefix) {
            let label = "\(archive.file): \(name)"
            checks.attempt(label) { checks in
                guard let parameter = store[String(name.dropFirst(prefix.count))] else {
                    throw ParityError(.malformed, label, "the network has no such parameter")
                }
                try checks.compare(parameter.value, with: name, in: archive, .updatedParameter)
            }
        }
    }

    /// The names that the reference hands to its optimiser, with repetitions; those without a gradient among them are
    /// left out of ours where they belong to the autoencoder.
    private func selection(_ folder: FixtureFolder, _ checks: inout ParityChecks) throws {
        let data = try Data(contentsOf: folder.path(Self.selectionFile))
        let recorded = try JSONDecoder().decode(ManifestValue.self, from: data)
        func names(_ key: String) throws -> [String] {
            guard let elements = recorded[key]?.elements else {
                throw ParityError(.malformed, Self.selectionFile, "there is no list \(key)")
            }
            return elements.compactMap(\.string)
        }
        let store = try DiffusionFixture.finetuned(folder).store
        let reference = DiffusionTuningStep.parameters(.reference, of: store).map(\.name)
        let clean = DiffusionTuningStep.parameters(.conditioning, of: store).map(\.name)
        func check(_ label: String, _ ours: [String], _ theirs: [String]) {
            let difference = Set(ours).symmetricDifference(theirs).sorted()
            let isEqual = ours.sorted() == theirs.sorted()
            checks.add(
                ParityCheck(
                    "\(Self.selectionFile): \(label)",
                    worstError: isEqual ? 0 : Double(max(1, difference.count)),
                    tolerance: 0,
                    detail: difference.prefix(4).joined(separator: ", ")
                )
            )
        }
        check("order", reference, try names("order"))
        check("unique", Array(Set(reference)), try names("unique"))
        let untouched = try Set(names("no_grad").filter { $0.hasPrefix("first_stage_model.") })
        check("trained", clean, try names("unique").filter { !untouched.contains($0) })
    }
}
