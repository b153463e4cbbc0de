import Neural
import Tensors

/// The sizes of a complete decoder: UNet, autoencoder and, unless it is the label-to-image model, the conditioning.
public struct LatentDiffusionConfiguration: Sendable, Hashable, Codable {
    /// The denoising network.
    public var unet: UNetConfiguration
    /// The first stage.
    public var autoencoder: VQAutoencoderConfiguration
    /// What turns patterns into the condition.
    public var conditioning: FMRIConditioningConfiguration?

    /// Makes a configuration.
    public init(
        unet: UNetConfiguration = UNetConfiguration(),
        autoencoder: VQAutoencoderConfiguration = VQAutoencoderConfiguration(),
        conditioning: FMRIConditioningConfiguration? = nil
    ) {
        self.unet = unet
        self.autoencoder = autoencoder
        self.conditioning = conditioning
    }

    /// Checks that the sizes fit together.
    ///
    /// Throws ``TransformerConfigurationError``.
    public func validate() throws {
        try unet.validate()
        try autoencoder.validate()
        try conditioning?.validate()
        guard unet.inputChannels == autoencoder.codeChannels, unet.outputChannels == unet.inputChannels,
            conditioning.map({ $0.contextWidth == unet.contextWidth }) ?? true
        else {
            throw TransformerConfigurationError(
                code: .sizeOutOfRange,
                subject: "decoder",
                detail: "latents of \(unet.inputChannels) and \(autoencoder.codeChannels) channels, or conditions of "
                    + "\(unet.contextWidth) and \(conditioning?.contextWidth ?? 0), do not fit together."
            )
        }
    }
}

/// Latent diffusion conditioned on fMRI patterns: the composition that a fine-tuned checkpoint holds.
public final class LatentDiffusion {
    /// The sizes.
    public let configuration: LatentDiffusionConfiguration
    /// All parameters, under the names of the checkpoint.
    public let store: ParameterStore
    /// The denoising network, `model.diffusion_model`.
    public let unet: UNet
    /// The first stage, `first_stage_model`.
    public let autoencoder: VQAutoencoder
    /// The conditioning, `cond_stage_model`.
    public let conditioning: FMRIConditioning?
    /// The forward process.
    public let schedule = NoiseSchedule()

    /// Declares all parameters.
    public init(_ configuration: LatentDiffusionConfiguration, seed: UInt64 = 0) {
        self.configuration = configuration
        store = ParameterStore(seed: seed)
        unet = UNet(configuration.unet, store.root["model"]["diffusion_model"])
        autoencoder = VQAutoencoder(configuration.autoencoder, store.root["first_stage_model"])
        let scope = store.root["cond_stage_model"]
        conditioning = configuration.conditioning.map { FMRIConditioning($0, scope) }
    }

    /// The shape of the latents of a batch, `[count, size, size, channels]`.
    public func latentShape(count: Int) -> [Int] {
        [count, configuration.unet.latentSize, configuration.unet.latentSize, configuration.unet.inputChannels]
    }

    /// Samples latents under a condition.
    ///
    /// Between the blocks of the network the current task is asked whether it was cancelled, so that cancelling takes
    /// a fraction of one network call.
    /// - Parameters:
    ///   - context: the condition, `[B, tokens, width]`.
    ///   - start: noise, of `latentShape(count: B)` or any size that the UNet divides.
    ///   - observe: called after every step.
    /// - Throws: `CancellationError`, or what `observe` throws.
    public func sample(
        context: Tensor,
        start: Tensor,
        sampler: any Sampler,
        schedule: SamplingSchedule,
        observe: (SamplingStep) throws -> SamplingDecision = { _ in .proceed }
    ) throws -> Tensor {
        try GradientRecording.disabled {
            let condition = unet.prepare(Variable(context))
            return try sampler.sample(from: start, schedule: schedule) { latents, timestep in
                try Task.checkCancellation()
                let timesteps = [Int](repeating: timestep, count: latents.shape[0])
                return try unet(Variable(latents), timesteps: timesteps, conditioning: condition) { _, _ in
                    try Task.checkCancellation()
                }.value
            } observe: {
                try observe($0)
            }
        }
    }

    /// Images of latents, nominally in −1…1: `[B, H, W, 3]`.
    ///
    /// Latents are quantised first, as the reference does.
    public func decode(_ latents: Tensor) -> Tensor {
        GradientRecording.disabled { autoencoder.decode(Variable(latents)).value }
    }
}

/// Latents with noise: √ᾱ_t·z₀ + √(1−ᾱ_t)·ε, each item at its own timestep.
public func noisyLatents(_ latents: Tensor, noise: Tensor, timesteps: [Int], schedule: NoiseSchedule) -> Tensor {
    precondition(latents.shape == noise.shape, "Noise of shape \(noise.shape) for latents of shape \(latents.shape).")
    let result = Tensor(uninitialized: latents.shape)
    let inner = latents.count / max(latents.shape[0], 1)
    for (item, timestep) in timesteps.enumerated() {
        let share = schedule.alphasCumulative[timestep]
        let (signal, deviation) = (Float(share.squareRoot()), Float((1 - share).squareRoot()))
        for index in item * inner..<(item + 1) * inner {
            result.pointer[index] = signal * latents.pointer[index] + deviation * noise.pointer[index]
        }
    }
    return result
}
