import Tensors

/// Denoising diffusion implicit models (Song et al., arXiv 2010.02502).
public struct DDIM: Sampler {
    /// How much fresh noise a step adds: 0 none, 1 as much as the original diffusion process.
    public let eta: Float
    /// The noise of a step, given its number and shape.
    public let noise: @Sendable (Int, [Int]) -> Tensor

    /// Makes a sampler that adds no noise.
    public init() {
        self.init(eta: 0) { _, shape in Tensor(zeros: shape) }
    }

    /// Makes a sampler with noise drawn from a seed, independently for every item of the batch.
    public init(eta: Float, seed: UInt64) {
        self.init(eta: eta) { step, shape in
            seededNoise(shape, seed: seed, purpose: "step noise \(step)")
        }
    }

    /// Makes a sampler with given noise.
    public init(eta: Float, noise: @escaping @Sendable (Int, [Int]) -> Tensor) {
        precondition(eta >= 0, "η is not negative.")
        self.eta = eta
        self.noise = noise
    }

    /// Starts a run.
    public func makeSolver(_ schedule: SamplingSchedule) -> Solver {
        Solver(sampler: self, schedule: schedule, sigmas: schedule.sigmas(eta: eta))
    }

    /// One run of DDIM.
    public struct Solver: ReverseProcessSolver {
        let sampler: DDIM
        let schedule: SamplingSchedule
        let sigmas: [Float]

        /// One call of the network, one update.
        public mutating func step(
            _ step: Int,
            from x: Tensor,
            denoise: (Tensor, Int) throws -> Tensor
        ) rethrows -> (latents: Tensor, estimate: Tensor) {
            let position = schedule.count - 1 - step
            let prediction = try denoise(x, schedule.timesteps[position])
            return implicitStep(
                x,
                noise: prediction,
                schedule,
                position,
                sigma: sigmas[position],
                freshNoise: sampler.eta > 0 ? sampler.noise(step, x.shape) : nil
            )
        }
    }
}

/// √ᾱ'·x₀ + √(1−ᾱ'−σ²)·ε + σ·n, with x₀ the estimate that ε implies.
func implicitStep(
    _ x: Tensor,
    noise: Tensor,
    _ schedule: SamplingSchedule,
    _ position: Int,
    sigma: Float = 0,
    freshNoise: Tensor? = nil
) -> (latents: Tensor, estimate: Tensor) {
    let previous = schedule.previousAlphas[position]
    let clean = estimate(x, noise: noise, alpha: schedule.alphas[position])
    let direction = max(0, 1 - previous - sigma * sigma).squareRoot()
    var terms = [(previous.squareRoot(), clean), (direction, noise)]
    if let freshNoise { terms.append((sigma, freshNoise)) }
    return (combination(terms), clean)
}

/// N(0, 1), every item of the batch from a stream of its own, so that a batch equals its items sampled one by one.
public func seededNoise(_ shape: [Int], seed: UInt64, purpose: String, firstItem: Int = 0) -> Tensor {
    let inner = shape.dropFirst().reduce(1, *)
    let result = Tensor(uninitialized: shape)
    for item in 0..<shape[0] {
        var random = RandomNumbers(seed: seed, purpose: purpose, index: UInt64(firstItem + item))
        let noise = random.normal([inner])
        (result.pointer + item * inner).update(from: noise.pointer, count: inner)
    }
    return result
}
