import Decoder
import Neural
import Tensors
import Weights

/// Makes what a comparison runs, on the weights and inputs of a folder.
enum ServedWorkloads {
    static let names = ["unet", "vq", "fmri", "unet_train", "mae_train", "crossmodal_train", "ldm_train"]

    /// Loads `<network>.safetensors` and `<network>.inputs.npz`.
    static func load(_ name: String, folder: String) throws -> any Workload {
        switch name {
        case "unet": try unet(folder)
        case "unet_train": try unetTraining(folder)
        case "vq": try autoencoder(folder)
        case "fmri": try fmri(folder)
        case "crossmodal_train": try crossModal(folder)
        case "ldm_train": try diffusionTuning(folder)
        default: try maskedAutoencoder(folder)
        }
    }

    private static let latent: [Int?] = [nil, 3, 64, 64]

    private static func unet(_ folder: String) throws -> any Workload {
        let inputs = try Inputs(folder, "unet")
        let latents = try inputs.tensor("x", latent)
        let workload = UNetWorkload(
            latents: latents,
            timesteps: try inputs.integers("t", count: latents.shape[0]),
            context: try inputs.tensor("context", [latents.shape[0], 77, 512])
        )
        try loadWeights(folder, "unet", into: workload.store)
        return workload
    }

    private static func unetTraining(_ folder: String) throws -> any Workload {
        let inputs = try Inputs(folder, "unet")
        let latents = try inputs.tensor("x", latent)
        let workload = UNetTrainingWorkload(
            latents: latents,
            timesteps: try inputs.integers("t", count: latents.shape[0]),
            context: try inputs.tensor("context", [latents.shape[0], 77, 512]),
            noise: try inputs.tensor("noise", latents.shape)
        )
        try loadWeights(folder, "unet", into: workload.store)
        return workload
    }

    private static func autoencoder(_ folder: String) throws -> any Workload {
        let latents = try Inputs(folder, "vq").tensor("z", latent)
        let workload = AutoencoderWorkload(latents: latents, quantizes: false)
        try loadWeights(folder, "vq", into: workload.store)
        return workload
    }

    private static func fmri(_ folder: String) throws -> any Workload {
        let voxels = FMRIWorkload.configuration.encoder.voxels
        let workload = FMRIWorkload(patterns: try Inputs(folder, "fmri").tensor("fmri", [nil, 1, voxels]))
        try loadWeights(folder, "fmri", into: workload.store)
        return workload
    }

    private static func maskedAutoencoder(_ folder: String) throws -> any Workload {
        let inputs = try Inputs(folder, "mae")
        let configuration = MaskedAutoencoderWorkload.configuration
        let patterns = try inputs.tensor("fmri", [nil, 1, configuration.voxels])
        let noiseShape = [patterns.shape[0], configuration.patches]
        let workload = MaskedAutoencoderWorkload(
            patterns: patterns,
            noise: (try inputs.tensor("noise_1", noiseShape), try inputs.tensor("noise_2", noiseShape))
        )
        try loadWeights(folder, "mae", into: workload.store)
        return workload
    }

    private static func crossModal(_ folder: String) throws -> any Workload {
        let inputs = try Inputs(folder, "crossmodal")
        let (fmri, image) = (CrossModalWorkload.fmri, CrossModalWorkload.image)
        let patterns = try inputs.tensor("fmri", [nil, 1, fmri.voxels])
        let batch = patterns.shape[0]
        let workload = CrossModalWorkload(
            patterns: patterns,
            images: nchwToNHWC(try inputs.tensor("image", [batch, 3, image.imageSize, image.imageSize])),
            noise: (
                try inputs.tensor("fmri_noise", [batch, fmri.patches]),
                try inputs.tensor("image_noise", [batch, image.patches])
            )
        )
        try loadWeights(folder, "crossmodal", prefix: "fmri.", into: workload.model.fmriStore)
        try loadWeights(folder, "crossmodal", prefix: "image.", into: workload.model.imageStore)
        return workload
    }

    private static func diffusionTuning(_ folder: String) throws -> any Workload {
        let inputs = try Inputs(folder, "ldm")
        let images = try inputs.tensor("image", [nil, 3, 256, 256])
        let batch = images.shape[0]
        let workload = DiffusionTuningWorkload(
            images: nchwToNHWC(images),
            patterns: try inputs.tensor("fmri", [batch, 1, FMRIWorkload.configuration.encoder.voxels]),
            timesteps: try inputs.integers("t", count: batch),
            noise: nchwToNHWC(try inputs.tensor("noise", [batch, 3, 64, 64]))
        )
        try loadWeights(folder, "ldm", into: workload.model.store)
        return workload
    }

    private static func loadWeights(
        _ folder: String,
        _ network: String,
        prefix: String = "",
        into store: ParameterStore
    ) throws {
        let path = "\(folder)/\(network).safetensors"
        let report = store.load(try Safetensors(path: path).tensors.slice(prefix: prefix))
        guard report.isExact else { throw WeightsError(.missing, path, report.description) }
    }

    /// The arrays that a network is run on.
    private struct Inputs {
        let path: String
        let arrays: NPZ

        init(_ folder: String, _ network: String) throws {
            path = "\(folder)/\(network).inputs.npz"
            arrays = try NPZ(path: path)
        }

        /// So many integers.
        func integers(_ name: String, count: Int) throws -> [Int] {
            let values = try arrays.array(name).integers()
            guard values.count == count else {
                throw WeightsError(.unsupported, path, "\(name) has \(values.count) elements, not \(count)")
            }
            return values
        }

        /// An array of the given shape; nil stands for any extent.
        func tensor(_ name: String, _ shape: [Int?]) throws -> Tensor {
            let array = try arrays.array(name)
            let fits = array.shape.count == shape.count && zip(array.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
            guard fits else {
                let expected = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
                throw WeightsError(.unsupported, path, "\(name) has shape \(array.shape), not [\(expected)]")
            }
            return Tensor(array)
        }
    }
}
