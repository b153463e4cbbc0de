import Decoder
import Neural
import Tensors
import Weights

/// The label-to-image model that decoders are fine-tuned from: its UNet without time conditioning.
public struct LabelToImageParity: ParityGroup {
    /// The files of the group.
    public static let files = ["ldm/label2img_io.npz", "ldm/label2img_model.ckpt"]

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        let weights = try folder.weights(Self.files[1])
        let sizes = try folder.config.section("label2img_unet")
        let unet = try DiffusionFixture.unet(sizes, weights: weights.slice(prefix: "model.diffusion_model."))
        let autoencoder = try DiffusionFixture.autoencoder(folder.config.section("label2img_vq"))
        let model = LatentDiffusion(LatentDiffusionConfiguration(unet: unet, autoencoder: autoencoder))
        var networks = StateDictionary()
        for name in weights.names where !name.hasPrefix("cond_stage_model.") && !name.hasPrefix("model_ema.") {
            networks[name] = weights[name]
        }
        try DiffusionFixture.load(networks, into: model.store, file: Self.files[1])
        var checks = ParityChecks()
        checks.attempt("\(archive.file): context") { checks in
            let classes = try archive.array("class_id").integers()
            guard let table = weights["cond_stage_model.embedding.weight"], table.shape.count == 2,
                classes.allSatisfy({ $0 >= 0 && $0 < table.shape[0] })
            else { throw ParityError(.malformed, Self.files[1], "has no embedding for class \(classes)") }
            let (values, width) = (table.floats().map(Double.init), table.shape[1])
            let rows = classes.flatMap { values[($0 * width)..<(($0 + 1) * width)] }
            try checks.compare(rows, shape: [classes.count, 1, width], with: "context", in: archive, .exact)
        }
        checks.attempt("\(archive.file): output") { checks in
            let x = try archive.channelLast("x", channels: unet.inputChannels)
            let context = try archive.tensor("context", [x.shape[0], nil, unet.contextWidth])
            let output = model.unet(
                Variable(x),
                timesteps: try archive.timesteps("t", below: model.schedule.count),
                conditioning: model.unet.prepare(Variable(context))
            )
            try checks.compareChannelFirst(output.value, with: "output", in: archive)
        }
        return checks.all
    }
}
