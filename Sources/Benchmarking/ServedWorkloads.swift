import Decoder
import Neural
import Tensors
import Weights

/// Makes what a comparison runs, on the weights and inputs of a folder.
enum ServedWorkloads {
    static let names = ["fmri", "mae_train"]

    /// Loads `<network>.safetensors` and `<network>.inputs.npz`.
    static func load(_ name: String, folder: String) throws -> any Workload {
        switch name {
        case "fmri":
            let inputs = try Inputs(folder, "fmri")
            let workload = FMRIWorkload(
                patterns: try inputs.tensor("fmri", [nil, 1, FMRIWorkload.configuration.encoder.voxels])
            )
            try loadWeights(folder, "fmri", into: workload.store)
            return workload
        default:
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
    }

    private static func loadWeights(_ folder: String, _ network: String, into store: ParameterStore) throws {
        let path = "\(folder)/\(network).safetensors"
        let report = store.load(try Safetensors(path: path).tensors)
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
