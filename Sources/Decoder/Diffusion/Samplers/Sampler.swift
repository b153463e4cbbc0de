import Tensors

/// A way from noise to an image: solves the reverse process with a limited number of calls of the network.
public protocol Sampler: Sendable {
    /// What keeps track of one run.
    associatedtype Solver: ReverseProcessSolver

    /// Starts a run over the timesteps of a schedule.
    func makeSolver(_ schedule: SamplingSchedule) -> Solver
}

/// One run of a sampler.
public protocol ReverseProcessSolver {
    /// Takes the next step.
    ///
    /// - Parameters:
    ///   - step: the number of the step, from 0; each is asked for once, in order.
    ///   - x: the latents before the step.
    ///   - denoise: predicts the noise in latents at a timestep.
    /// - Returns: the latents after the step, and the estimate of the finished latents that it rests on.
    mutating func step(
        _ step: Int,
        from x: Tensor,
        denoise: (Tensor, Int) throws -> Tensor
    ) rethrows -> (latents: Tensor, estimate: Tensor)
}

extension Sampler {
    /// The latents at the end of the schedule, from noise at its beginning.
    ///
    /// - Parameters:
    ///   - start: noise N(0, 1), `[B, H, W, C]`.
    ///   - schedule: the timesteps to visit.
    ///   - denoise: predicts the noise in latents at a timestep. What it throws ends the sampling.
    ///   - observe: called after every step; if it says so, sampling stops and the step's estimate is the result.
    public func sample(
        from start: Tensor,
        schedule: SamplingSchedule,
        denoise: (Tensor, Int) throws -> Tensor,
        observe: (SamplingStep) throws -> SamplingDecision
    ) rethrows -> Tensor {
        var solver = makeSolver(schedule)
        var latents = start
        for step in 0..<schedule.count {
            let estimate: Tensor
            (latents, estimate) = try solver.step(step, from: latents, denoise: denoise)
            let finished = SamplingStep(
                index: step,
                count: schedule.count,
                timestep: schedule.timesteps[schedule.count - 1 - step],
                latents: latents,
                estimate: estimate
            )
            if try observe(finished) == .stop { return estimate }
        }
        return latents
    }

    /// Samples without looking at the steps.
    public func sample(
        from start: Tensor,
        schedule: SamplingSchedule,
        denoise: (Tensor, Int) throws -> Tensor
    ) rethrows -> Tensor {
        try sample(from: start, schedule: schedule, denoise: denoise) { _ in .proceed }
    }
}

/// A finished step of a sampler.
public struct SamplingStep: Sendable {
    /// The number of the step, from 0.
    public let index: Int
    /// The number of steps.
    public let count: Int
    /// The timestep that was left.
    public let timestep: Int
    /// The latents after the step.
    public let latents: Tensor
    /// The network's estimate of the finished latents.
    public let estimate: Tensor
}

/// Whether a sampler goes on.
public enum SamplingDecision: Sendable {
    /// With the next step.
    case proceed
    /// Not further: the estimate of this step is the result.
    case stop
}

/// Σ factor·tensor over the terms, which all have one shape.
func combination(_ terms: [(factor: Float, tensor: Tensor)]) -> Tensor {
    let result = scale(terms[0].tensor, by: terms[0].factor)
    for term in terms.dropFirst() { add(scale(term.tensor, by: term.factor), to: result) }
    return result
}

/// (x − √(1−ᾱ)·ε)/√ᾱ: the finished latents that noise ε in x implies.
func estimate(_ x: Tensor, noise: Tensor, alpha: Float) -> Tensor {
    combination([(1 / alpha.squareRoot(), x), (-((1 - alpha).squareRoot() / alpha.squareRoot()), noise)])
}
