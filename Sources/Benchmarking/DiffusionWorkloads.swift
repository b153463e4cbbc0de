import Decoder
import Neural
import Tensors

/// One call of the denoising UNet, what depends on the condition alone computed beforehand.
final class UNetWorkload: Workload {
    let store: ParameterStore
    private let unet: UNet
    private let latents: Tensor
    private let timesteps: [Int]
    private let context: Tensor
    private var conditioning: UNetConditioning?

    /// - Parameters:
    ///   - latents: `[B, 3, 64, 64]`.
    ///   - timesteps: one per item.
    ///   - context: `[B, 77, 512]`.
    init(latents: Tensor, timesteps: [Int], context: Tensor) {
        store = ParameterStore()
        unet = UNet(UNetConfiguration(), store.root)
        self.latents = latents
        self.timesteps = timesteps
        self.context = context
    }

    var weightCount: Int { store.count }

    func run() -> Tensor {
        let prepared = conditioning ?? unet.prepare(Variable(context))
        conditioning = prepared
        let noise = unet(Variable(nchwToNHWC(latents)), timesteps: timesteps, conditioning: prepared) { _, _ in }
        return nhwcToNCHW(noise.value)
    }
}

/// Forward and backward pass of the UNet with gradients of all its weights.
final class UNetTrainingWorkload: Workload {
    let store: ParameterStore
    private let unet: UNet
    private let latents: Tensor
    private let timesteps: [Int]
    private let context: Tensor
    private let noise: Tensor

    /// - Parameters:
    ///   - latents: `[B, 3, 64, 64]`.
    ///   - timesteps: one per item.
    ///   - context: `[B, 77, 512]`.
    ///   - noise: what the network shall predict, shaped like the latents.
    init(latents: Tensor, timesteps: [Int], context: Tensor, noise: Tensor) {
        store = ParameterStore()
        unet = UNet(UNetConfiguration(), store.root)
        store.train { _ in true }
        self.latents = nchwToNHWC(latents)
        self.timesteps = timesteps
        self.context = context
        self.noise = nchwToNHWC(noise)
    }

    var weightCount: Int { store.count }

    /// The loss.
    func run() -> Tensor {
        store.clearGradients()
        let conditioning = unet.prepare(Variable(context))
        let prediction = unet(Variable(latents), timesteps: timesteps, conditioning: conditioning) { _, _ in }
        let loss = meanSquaredError(prediction, Variable(noise))
        loss.backward()
        return loss.value
    }
}

/// Decoding latents to pixels.
final class AutoencoderWorkload: Workload {
    let store: ParameterStore
    private let autoencoder: VQAutoencoder
    private let latents: Tensor
    private let quantizes: Bool

    /// - Parameters:
    ///   - latents: `[B, 3, 64, 64]`.
    ///   - quantizes: whether the nearest codes are searched first.
    init(latents: Tensor, quantizes: Bool) {
        store = ParameterStore()
        autoencoder = VQAutoencoder(VQAutoencoderConfiguration(), store.root)
        self.latents = latents
        self.quantizes = quantizes
    }

    var weightCount: Int { store.count }

    func run() -> Tensor {
        nhwcToNCHW(autoencoder.decode(Variable(nchwToNHWC(latents)), quantizes: quantizes).value)
    }
}

/// A pattern to an image with a number of DPM-Solver++ steps, each of which calls the UNet once.
final class EndToEndWorkload: Workload {
    let decoder: LatentDiffusion
    private let patterns: Tensor
    private let start: Tensor
    private let schedule: SamplingSchedule

    init(steps: Int) {
        let conditioning = FMRIWorkload.configuration
        decoder = LatentDiffusion(LatentDiffusionConfiguration(conditioning: conditioning))
        var random = RandomNumbers(seed: 1, purpose: "benchmark input")
        patterns = random.normal([1, 1, conditioning.encoder.voxels])
        start = random.normal(decoder.latentShape(count: 1))
        schedule = SamplingSchedule(steps: steps, spacing: .trailing)
    }

    var weightCount: Int { decoder.store.count }

    func run() -> Tensor {
        let context = GradientRecording.disabled { decoder.conditioning?(patterns).value }
        guard let context,
            let latents = try? decoder.sample(
                context: context,
                start: start,
                sampler: SamplerMethod.dpm.makeSampler(),
                schedule: schedule
            )
        else { preconditionFailure("Nothing cancels a benchmark.") }
        return nhwcToNCHW(decoder.decode(latents))
    }
}

/// A training step of the third phase with the published selection of parameters.
final class DiffusionTuningWorkload: Workload {
    let model: LatentDiffusion
    private let step: DiffusionTuningStep
    private let images: Tensor
    private let patterns: Tensor
    private let timesteps: [Int]
    private let noise: Tensor

    /// - Parameters:
    ///   - images: `[B, 256, 256, 3]` in −1…1.
    ///   - patterns: `[B, 1, V]`.
    ///   - timesteps: one per item.
    ///   - noise: `[B, 64, 64, 3]`.
    init(images: Tensor, patterns: Tensor, timesteps: [Int], noise: Tensor) {
        model = LatentDiffusion(LatentDiffusionConfiguration(conditioning: FMRIWorkload.configuration))
        step = DiffusionTuningStep(model: model)
        (self.images, self.patterns, self.timesteps, self.noise) = (images, patterns, timesteps, noise)
    }

    var weightCount: Int { model.store.count }

    /// The loss before the step.
    func run() -> Tensor {
        let loss = step.differentiate(images: images, patterns: patterns, timesteps: timesteps, noise: noise)
        step.update()
        return loss.simple.value
    }
}
