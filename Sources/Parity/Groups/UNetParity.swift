import Decoder
import Neural
import Tensors
import Weights

/// The denoising UNet: its output and the outputs of recorded submodules.
public struct UNetParity: ParityGroup {
    /// The files of the group.
    public static let files = ["unet/io.npz", "unet/unet.pth"]

    /// Makes the group.
    public init() {}

    /// Compares every array; `cap/PATH` is the output of the submodule at that path of the state dict.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        let weights = try folder.weights(Self.files[1])
        let configuration = try DiffusionFixture.unet(folder.config.section("unet"), weights: weights)
        let store = ParameterStore()
        let unet = UNet(configuration, store.root)
        try store.loadExactly(weights, file: Self.files[1])
        let x = try archive.channelLast("x", channels: configuration.inputChannels)
        let timesteps = try archive.timesteps("t", below: NoiseSchedule().count)
        let context = try archive.tensor("context", [x.shape[0], nil, configuration.contextWidth])
        var outputs: [String: Tensor] = [:]
        let output = unet(
            Variable(x),
            timesteps: timesteps,
            conditioning: unet.prepare(Variable(context))
        ) { outputs[$0] = $1.value }.value
        var checks = ParityChecks()
        checks.attempt("\(archive.file): output") { checks in
            try checks.compareChannelFirst(output, with: "output", in: archive)
        }
        checks.attempt("\(archive.file): timestep_embedding") { checks in
            let embedding = timestepEmbedding(timesteps, width: configuration.modelChannels)
            try checks.compare(embedding, with: "timestep_embedding", in: archive)
        }
        for name in archive.names where name.hasPrefix("cap/") {
            checks.attempt("\(archive.file): \(name)") { checks in
                guard let value = outputs[String(name.dropFirst(4))] else {
                    throw ParityError(.malformed, name, "the network has no submodule of that path")
                }
                if value.rank == 4 { return try checks.compareChannelFirst(value, with: name, in: archive) }
                // The reference keeps an axis of extent 1 here and there.
                let shape = try archive.array(name).shape
                let fits = shape.reduce(1, *) == value.count
                try checks.compare(fits ? value.reshaped(shape) : value, with: name, in: archive)
            }
        }
        return checks.all
    }
}
