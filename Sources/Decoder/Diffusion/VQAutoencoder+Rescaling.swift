import Neural
import Tensors

extension VQAutoencoder {
    /// Replaces the latents z by (z − mean)/deviation and changes the weights on both sides so that every image stays as
    /// it is.
    ///
    /// All channels have one deviation, so that the nearest code stays the nearest.
    ///
    /// - Parameters:
    ///   - means: One for each channel of a code.
    ///   - deviation: Above 0.
    public func rescaleLatents(means: [Float], deviation: Float) {
        let channels = configuration.codeChannels
        precondition(means.count == channels && deviation > 0, "One mean for a channel, and a deviation above 0.")
        quantWeight.update { weight in
            for index in 0..<weight.count { weight.pointer[index] /= deviation }
        }
        quantBias?.update { bias in
            for index in 0..<channels { bias.pointer[index] = (bias.pointer[index] - means[index]) / deviation }
        }
        codebook.embedding.update { table in
            for index in 0..<table.count {
                let channel = index % channels
                table.pointer[index] = (table.pointer[index] - means[channel]) / deviation
            }
        }
        // W·z + b = (deviation·W)·z' + (b + W·mean).
        let weight = postQuantWeight.value.copy()
        let outputs = weight.count / channels
        postQuantBias?.update { bias in
            for output in 0..<outputs {
                for channel in 0..<channels {
                    bias.pointer[output] += weight.pointer[output * channels + channel] * means[channel]
                }
            }
        }
        postQuantWeight.update { value in
            for index in 0..<value.count { value.pointer[index] *= deviation }
        }
    }

    private var quantWeight: Parameter { quantConvolution.weight }
    private var quantBias: Parameter? { quantConvolution.bias }
    private var postQuantWeight: Parameter { postQuantConvolution.weight }
    private var postQuantBias: Parameter? { postQuantConvolution.bias }
}
