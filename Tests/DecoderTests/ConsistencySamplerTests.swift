import Decoder
import Neural
import Tensors
import Testing

@Suite("Consistency sampling and what the third phase weighs")
struct ConsistencySamplerTests {
    @Test("with a network that knows the image, every number of steps ends at it", arguments: [1, 2, 4, 8])
    func perfectNetwork(steps: Int) {
        let schedule = NoiseSchedule()
        var random = RandomNumbers(seed: 1, purpose: "image")
        let image = random.normal([2, 4, 4, 3])
        let sampling = SamplingSchedule(steps: steps, spacing: .trailing)
        var calls = 0
        let result = ConsistencySampler(seed: 3).sample(from: random.normal(image.shape), schedule: sampling) { x, t in
            calls += 1
            let alpha = Float(schedule.alphasCumulative[t])
            let noise = Tensor(uninitialized: x.shape)
            for index in 0..<x.count {
                noise.pointer[index] =
                    (x.pointer[index] - alpha.squareRoot() * image.pointer[index]) / (1 - alpha).squareRoot()
            }
            return noise
        }
        #expect(calls == steps)
        for index in 0..<image.count { #expect(abs(result.pointer[index] - image.pointer[index]) < 1e-3) }
    }

    @Test("fresh noise follows from the seed, and an item's does not depend on the batch")
    func seeds() {
        let sampling = SamplingSchedule(steps: 3, spacing: .trailing)
        var random = RandomNumbers(seed: 1, purpose: "start")
        let start = random.normal([2, 2, 2, 1])
        func run(_ x: Tensor, _ seed: UInt64) -> [Float] {
            ConsistencySampler(seed: seed).sample(from: x, schedule: sampling) { x, _ in scale(x, by: 0.5) }.elements
        }
        #expect(run(start, 1) == run(start, 1) && run(start, 1) != run(start, 2))
        #expect(run(start.rows(0..<1), 1) == Array(run(start, 1).prefix(4)))
    }

    @Test("samples come in pairs with opposite start noise, the first being that of a single sample")
    func antitheticPairs() throws {
        var configuration = LatentDiffusionConfiguration()
        configuration.unet.modelChannels = 32
        configuration.unet.channelMultipliers = [1]
        configuration.unet.residualBlocks = 1
        configuration.unet.attentionResolutions = []
        configuration.unet.latentSize = 4
        configuration.unet.contextWidth = 8
        configuration.unet.timeConditioning = .none
        configuration.autoencoder.channels = 32
        configuration.autoencoder.channelMultipliers = [1]
        let decoder = LatentDiffusion(configuration)
        // A network whose last layer is 0 predicts no noise: the latents are the start noise times a number.
        for name in ["weight", "bias"] {
            let parameter = try #require(decoder.store["model.diffusion_model.out.2.\(name)"])
            parameter.value = Tensor(zeros: parameter.shape)
        }
        let context = Tensor(zeros: [1, 1, 8])
        let latents = try (0..<4).map { sample in
            try decoder.reconstruct(
                context: context,
                noise: ReconstructionNoise(seed: 5, pattern: 2, sample: sample),
                method: .ddim,
                schedule: SamplingSchedule(steps: 2)
            ).elements
        }
        #expect(latents[1] == latents[0].map { -$0 } && latents[3] == latents[2].map { -$0 })
        #expect(latents[2] != latents[0])
    }

    @Test("the error of latents is that of the noise over the signal-to-noise ratio, up to a limit")
    func weighting() {
        var configuration = LatentDiffusionConfiguration()
        configuration.unet.modelChannels = 32
        configuration.unet.channelMultipliers = [1]
        configuration.unet.residualBlocks = 1
        configuration.unet.attentionResolutions = []
        configuration.unet.contextWidth = 8
        configuration.unet.timeConditioning = .none
        configuration.autoencoder.channels = 32
        configuration.autoencoder.channelMultipliers = [1]
        let model = LatentDiffusion(configuration)
        var random = RandomNumbers(seed: 1, purpose: "latents")
        let (latents, noise) = (random.normal([1, 4, 4, 3]), random.normal([1, 4, 4, 3]))
        let context = Variable(Tensor(zeros: [1, 1, 8]))
        func loss(_ weighting: DiffusionTuningStep.Weighting, _ timestep: Int) -> Double {
            let step = DiffusionTuningStep(model: model, selection: .unet, weighting: weighting)
            let loss = step.loss(latents: latents, context: context, timesteps: [timestep], noise: noise)
            return Double(loss.simple.value.item)
        }
        for timestep in [10, 400, 990] {
            let alpha = model.schedule.alphasCumulative[timestep]
            let expected = loss(.noise, timestep) * min((1 - alpha) / alpha, 10)
            #expect(abs(loss(.latents(limit: 10), timestep) - expected) < 1e-4 * expected)
        }
    }
}
