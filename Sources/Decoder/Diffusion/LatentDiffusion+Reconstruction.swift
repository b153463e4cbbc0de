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
    public var sample: Int

    /// Describes the noise of an image.
    public init(seed: UInt64, scope: String = "", pattern: Int, sample: Int) {
        (self.seed, self.scope, self.pattern, self.sample) = (seed, scope, pattern, sample)
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
        var start = noise.numbers("start noise")
        var seeds = noise.numbers("sampler")
        let sampler = method.makeSampler(eta: eta, seed: UInt64(seeds.next()) << 32 | UInt64(seeds.next()))
        return try sample(
            context: context,
            start: start.normal(latentShape(count: 1)),
            sampler: sampler,
            schedule: schedule,
            observe: observe
        )
    }
}
