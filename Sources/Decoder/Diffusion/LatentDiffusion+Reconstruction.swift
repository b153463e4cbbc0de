import Neural
import Tensors

/// Where the random numbers of one image come from: it does not depend on how many others there are.
public struct ReconstructionNoise: Sendable, Equatable, Codable {
    /// The seed of everything random.
    public var seed: UInt64
    /// What tells images of the same index apart, such as a run.
    public var scope: String
    /// The number of the pattern, from 0.
    public var pattern: Int
    /// The number of the sample of the pattern, from 0.
    ///
    /// Samples come in pairs with opposite start noise (antithetic variates), which makes their mean less noisy.
    public var sample: Int

    /// Describes the noise of an image.
    public init(seed: UInt64, scope: String = "", pattern: Int, sample: Int) {
        (self.seed, self.scope, self.pattern, self.sample) = (seed, scope, pattern, sample)
    }

    /// N(0, 1) to start from.
    fileprivate func start(_ shape: [Int]) -> Tensor {
        var first = self
        first.sample = sample / 2 * 2
        var numbers = first.numbers("start noise")
        let noise = numbers.normal(shape)
        return sample == first.sample ? noise : scale(noise, by: -1)
    }

    fileprivate func numbers(_ purpose: String) -> RandomNumbers {
        RandomNumbers(
            seed: seed,
            purpose: scope.isEmpty ? purpose : "\(purpose) \(scope)",
            index: UInt64(truncatingIfNeeded: pattern) << 32 | UInt64(truncatingIfNeeded: sample)
        )
    }
}

extension LatentDiffusion {
    /// The condition of a pattern, `[1, tokens, width]`; nil for a model without conditioning on fMRI.
    ///
    /// - Parameter pattern: `[1, 1, V]`.
    public func condition(_ pattern: Tensor) -> Tensor? {
        conditioning.map { conditioning in GradientRecording.disabled { conditioning(pattern).value } }
    }

    /// Samples the latents of one image under a condition, always the same for the same arguments.
    ///
    /// - Parameters:
    ///   - context: The condition, `[1, tokens, width]`.
    ///   - noise: Where the random numbers come from.
    ///   - method: The sampler.
    ///   - eta: The noise that DDIM adds.
    ///   - schedule: The timesteps.
    ///   - observe: Called after every step; it may end the sampling.
    /// - Throws: `CancellationError`, or what `observe` throws.
    public func reconstruct(
        context: Tensor,
        noise: ReconstructionNoise,
        method: SamplerMethod,
        eta: Float = 0,
        schedule: SamplingSchedule,
        observe: (SamplingStep) throws -> SamplingDecision = { _ in .proceed }
    ) throws -> Tensor {
        var seeds = noise.numbers("sampler")
        let sampler = method.makeSampler(eta: eta, seed: UInt64(seeds.next()) << 32 | UInt64(seeds.next()))
        return try sample(
            context: context,
            start: noise.start(latentShape(count: 1)),
            sampler: sampler,
            schedule: schedule,
            observe: observe
        )
    }

    /// Samples the latents of several images at once, `[count, size, size, channels]`.
    ///
    /// Each begins with the noise that it would have alone. A sampler that draws noise on its way draws it for the group.
    /// - Parameters:
    ///   - contexts: A condition for each image, `[count, tokens, width]`.
    ///   - noises: Where the random numbers of each image come from.
    ///   - method: The sampler.
    ///   - schedule: The timesteps.
    ///   - observe: Called after every step; it may end the sampling.
    /// - Throws: `CancellationError`, or what `observe` throws.
    public func reconstruct(
        contexts: Tensor,
        noises: [ReconstructionNoise],
        method: SamplerMethod,
        schedule: SamplingSchedule,
        observe: (SamplingStep) throws -> SamplingDecision = { _ in .proceed }
    ) throws -> Tensor {
        precondition(!noises.isEmpty && contexts.shape[0] == noises.count, "Every image has a condition and noise.")
        let start = Tensor(uninitialized: latentShape(count: noises.count))
        let size = start.count / noises.count
        for (index, noise) in noises.enumerated() {
            let values = noise.start(latentShape(count: 1))
            (start.pointer + index * size).update(from: values.pointer, count: size)
            withExtendedLifetime(values) {}
        }
        var seeds = noises[0].numbers("sampler")
        let sampler = method.makeSampler(seed: UInt64(seeds.next()) << 32 | UInt64(seeds.next()))
        return try sample(context: contexts, start: start, sampler: sampler, schedule: schedule, observe: observe)
    }
}
