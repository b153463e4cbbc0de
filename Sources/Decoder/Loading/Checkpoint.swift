import Weights

/// A file of weights in any of the formats that decoders are published in.
public struct Checkpoint: Sendable {
    /// Where the file is.
    public let path: String
    /// The format, for people.
    public let format: String
    /// The weights.
    public let weights: StateDictionary
    /// The attention heads of the fMRI encoder, where the file says so.
    public let heads: Int?
    /// The attention heads of the fMRI autoencoder's decoder, where the file says so.
    public let decoderHeads: Int?
    /// Height and width of the images of a fine-tuned model, where the file says so.
    public let imageSize: Int?
    /// The sampler steps that the file suggests.
    public let steps: Int?

    /// Maps a PyTorch checkpoint, old or new, or a safetensors file.
    ///
    /// - Throws: `WeightsError`.
    public init(path: String) throws {
        self.path = path
        if path.hasSuffix(".safetensors") {
            let file = try Safetensors(path: path)
            format = "safetensors"
            weights = file.tensors
            heads = file.metadata["num_heads"].flatMap { Int($0) }
            decoderHeads = file.metadata["decoder_num_heads"].flatMap { Int($0) }
            imageSize = file.metadata["img_size"].flatMap { Int($0) }
            steps = file.metadata["ddim_steps"].flatMap { Int($0) }
            return
        }
        let file = try TorchCheckpoint(path: path)
        format = "PyTorch checkpoint (\(file.format))"
        weights = try file.stateDictionary()
        // A phase-2 file has the configuration of its own network in `config_merge`, that of phase 1 in `config`.
        let configurations = ["config_merge", "config"].compactMap { file.root[$0] }
        func number(_ name: String) -> Int? { configurations.lazy.compactMap { $0[name]?.int }.first }
        heads = number("num_heads")
        decoderHeads = number("decoder_num_heads")
        imageSize = number("img_size")
        steps = number("ddim_steps")
    }

    /// The names and shapes of the weights.
    public var shapes: StateShapes { StateShapes(weights, source: path) }
}
