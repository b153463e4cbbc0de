import Neural
import Tensors

/// A vector-quantising autoencoder (VQGAN; Esser et al., arXiv 2012.09841): the first stage of latent diffusion.
public struct VQAutoencoder {
    /// The sizes.
    public let configuration: VQAutoencoderConfiguration
    /// The codes.
    public let codebook: Codebook
    private let encoder: VQEncoder
    private let decoder: VQDecoder
    let quantConvolution: Linear
    let postQuantConvolution: Linear

    /// Declares the parameters under the names of the reference's state dict.
    public init(_ configuration: VQAutoencoderConfiguration, _ scope: ParameterScope) {
        self.configuration = configuration
        encoder = VQEncoder(configuration, scope["encoder"])
        decoder = VQDecoder(configuration, scope["decoder"])
        codebook = Codebook(scope["quantize"], codes: configuration.codes, channels: configuration.codeChannels)
        quantConvolution = Linear(
            scope["quant_conv"],
            inputs: configuration.latentChannels,
            outputs: configuration.codeChannels,
            kernelAxes: 2
        )
        postQuantConvolution = Linear(
            scope["post_quant_conv"],
            inputs: configuration.codeChannels,
            outputs: configuration.latentChannels,
            kernelAxes: 2
        )
    }

    /// The latent of images `[B, H, W, 3]` in −1…1, before quantisation: `[B, H/f, W/f, codeChannels]`.
    public func encode(_ images: Variable) -> Variable { quantConvolution(encoder(images)) }

    /// Images of latents, `[B, H, W, codeChannels]` → `[B, H·f, W·f, 3]`, nominally in −1…1.
    /// - Parameter quantizes: whether the latents are first replaced by their nearest codes, as generation does.
    public func decode(_ latents: Variable, quantizes: Bool = true) -> Variable {
        decoder(postQuantConvolution(quantizes ? quantize(latents).latents : latents))
    }

    /// Latents replaced by their nearest codes.
    public struct Quantized {
        /// The codes in place of the latents; the gradient passes through unchanged.
        public let latents: Variable
        /// The numbers of the codes, in row-major order of the positions.
        public let indices: [Int]
        /// mean((sg(z_q) − z)²) + 0.25·mean((z_q − sg(z))²), the reference's ("legacy") weighting.
        public let loss: Variable
    }

    /// Replaces latents by their nearest codes.
    public func quantize(_ latents: Variable) -> Quantized {
        let indices = codebook.indices(latents.value)
        let codes = codebook.lookup(indices).reshaped(latents.shape)
        let loss = meanSquaredError(codes.detached, latents) + 0.25 * meanSquaredError(codes, latents.detached)
        guard latents.requiresGradient else { return Quantized(latents: codes.detached, indices: indices, loss: loss) }
        let straightThrough = latents + (codes.detached - latents.detached)
        return Quantized(latents: straightThrough, indices: indices, loss: loss)
    }
}
