import Decoder
import Neural
import Tensors
import Weights

/// Complete sampling trajectories of the fine-tuned model, from the pattern to the 8-bit image.
public struct SamplingParity: ParityGroup {
    /// The files of the group.
    public static let files = ["ldm/sampling.npz", DiffusionFixture.finetunedFile]

    /// Makes the group.
    public init() {}

    /// Compares every array; `METHOD_STEPS…/…` are the recorded trajectories.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        let model = try DiffusionFixture.finetuned(folder)
        var checks = ParityChecks()
        checks.attempt("\(archive.file): conditioning") { try condition(model, archive, &$0) }
        var firstPLMS: Tensor?
        for prefix in archive.orderedPrefixes {
            checks.attempt("\(archive.file): \(prefix)") { checks in
                let sample = try trajectory(prefix, model, archive, &checks)
                if prefix.hasPrefix("plms_"), firstPLMS == nil { firstPLMS = sample }
            }
        }
        if archive.has("plms_image") {
            checks.attempt("\(archive.file): plms_image") { checks in
                guard let firstPLMS else { throw ParityError(.missing, archive.file, "there is no plms trajectory") }
                let image = model.decode(firstPLMS)
                try checks.compareChannelFirst(image, with: "plms_image", in: archive, .trajectory)
                try checks.compareBytes(image, with: "plms_image_uint8", in: archive)
            }
        }
        return checks.all
    }

    private func condition(_ model: LatentDiffusion, _ archive: FixtureArchive, _ checks: inout ParityChecks) throws {
        guard let conditioning = model.conditioning else { return }
        let voxels = conditioning.configuration.encoder.voxels
        let tokens = conditioning.encoder(try archive.tensor("fmri", [nil, 1, voxels]))
        try checks.compare(tokens, with: "mae_tokens", in: archive)
        let mapped = conditioning.mapSequence(tokens)
        try checks.compare(mapped, with: "channel_mapped", in: archive)
        try checks.compare(conditioning.mapWidth(mapped), with: "conditioning", in: archive)
    }

    private func trajectory(
        _ prefix: String,
        _ model: LatentDiffusion,
        _ archive: FixtureArchive,
        _ checks: inout ParityChecks
    ) throws -> Tensor {
        let parts = prefix.split(separator: "_")
        guard parts.count >= 2, let steps = Int(parts[1]), (1...model.schedule.count).contains(steps) else {
            throw ParityError(.malformed, "\(archive.file): \(prefix)", "the name does not say METHOD_STEPS")
        }
        let schedule = SamplingSchedule(steps: steps, schedule: model.schedule)
        let start = try archive.channelLast("x_T", channels: model.configuration.unet.inputChannels)
        let recorded = try archive.tensor("conditioning", [nil, nil, model.configuration.unet.contextWidth])
        let context = repeated(recorded, count: start.shape[0])
        let condition = model.unet.prepare(Variable(context))
        let sampler = try sampler(String(parts[0]), prefix, archive)
        var (latents, estimates, calls) = ([start], [Tensor](), [Int]())
        var firstNoise: Tensor?
        let sample = sampler.sample(from: start, schedule: schedule) { x, timestep in
            calls.append(timestep)
            let timesteps = [Int](repeating: timestep, count: x.shape[0])
            let noise = model.unet(Variable(x), timesteps: timesteps, conditioning: condition).value
            firstNoise = firstNoise ?? noise
            return noise
        } observe: { step in
            latents.append(step.latents)
            estimates.append(step.estimate)
            return .proceed
        }
        try checks.compare(schedule.timesteps, with: "\(prefix)/timesteps", in: archive)
        try checks.compare(calls, with: "\(prefix)/model_calls_t", in: archive)
        if let firstNoise { try checks.compareChannelFirst(firstNoise, with: "\(prefix)/eps_first", in: archive) }
        try compare(latents, with: "\(prefix)/x", archive, &checks)
        try compare(estimates, with: "\(prefix)/pred_x0", archive, &checks)
        try checks.compareChannelFirst(sample, with: "\(prefix)/sample", in: archive, .trajectory)
        return sample
    }

    private func sampler(_ method: String, _ prefix: String, _ archive: FixtureArchive) throws -> any Sampler {
        switch method {
        case "plms": return PLMS()
        case "ddim":
            guard archive.has("\(prefix)/eta") else { return DDIM() }
            let eta = try archive.array("\(prefix)/eta").floats().first ?? 0
            let noise = try archive.tensor("\(prefix)/step_noise", [nil, nil, nil, nil, nil])
            return DDIM(eta: max(0, eta)) { step, _ in
                let step = noise.rows(step..<step + 1)
                return nchwToNHWC(step.reshaped(Array(step.shape.dropFirst())))
            }
        default:
            throw ParityError(.malformed, "\(archive.file): \(prefix)", "the reference has no sampler \(method)")
        }
    }

    private func compare(
        _ tensors: [Tensor],
        with name: String,
        _ archive: FixtureArchive,
        _ checks: inout ParityChecks
    ) throws {
        let values = tensors.flatMap { nhwcToNCHW($0).elements.map(Double.init) }
        let shape = [tensors.count] + nhwcToNCHW(tensors[0]).shape
        try checks.compare(values, shape: shape, with: name, in: archive, .trajectory)
    }

    private func repeated(_ context: Tensor, count: Int) -> Tensor {
        guard context.shape[0] == 1 else { return context }
        let values = context.elements
        return Tensor((0..<count).flatMap { _ in values }, shape: [count] + context.shape.dropFirst())
    }
}

extension FixtureArchive {
    /// The first components of names of the form `first/rest`, in the order of the file.
    var orderedPrefixes: [String] {
        var seen: Set<String> = []
        return names.compactMap { name in
            guard let end = name.firstIndex(of: "/") else { return nil }
            let prefix = String(name[..<end])
            return seen.insert(prefix).inserted ? prefix : nil
        }
    }
}
