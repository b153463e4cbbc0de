import Tensors

/// Multistep consistency sampling (Song et al., arXiv 2303.01469; Luo et al., arXiv 2310.04378): for a student that was
/// distilled to see the end of the process from anywhere on its way.
///
/// Each step estimates the finished latents, and adds fresh noise to reach the next timestep.
public struct ConsistencySampler: Sampler {
    /// The noise of a step, given its number and shape.
    public let noise: @Sendable (Int, [Int]) -> Tensor

    /// Makes a sampler with noise drawn from a seed, independently for every item of the batch.
    public init(seed: UInt64) {
        noise = { step, shape in seededNoise(shape, seed: seed, purpose: "consistency noise \(step)") }
    }

    /// Starts a run.
    public func makeSolver(_ schedule: SamplingSchedule) -> Solver { Solver(sampler: self, schedule: schedule) }

    /// One run.
    public struct Solver: ReverseProcessSolver {
        let sampler: ConsistencySampler
        let schedule: SamplingSchedule

        /// One call of the network, and fresh noise unless it is the last.
        public mutating func step(
            _ step: Int,
            from x: Tensor,
            denoise: (Tensor, Int) throws -> Tensor
        ) rethrows -> (latents: Tensor, estimate: Tensor) {
            let position = schedule.count - 1 - step
            let clean = estimate(
                x,
                noise: try denoise(x, schedule.timesteps[position]),
                alpha: schedule.alphas[position]
            )
            guard position > 0 else { return (clean, clean) }
            let previous = schedule.alphas[position - 1]
            let noise = sampler.noise(step, x.shape)
            let next = combination([(previous.squareRoot(), clean), ((1 - previous).squareRoot(), noise)])
            return (next, clean)
        }
    }
}
