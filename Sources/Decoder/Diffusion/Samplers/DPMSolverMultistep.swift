import Foundation
import Tensors

/// DPM-Solver++(2M) (Lu et al., arXiv 2211.01095, algorithm 2): second order in steps of log-SNR, one call per step.
///
/// The first step is of first order, and so is the last where it removes all noise or where there are few steps.
public struct DPMSolverMultistep: Sampler {
    /// 1 or 2.
    ///
    /// The first order is DDIM without noise.
    public let order: Int

    /// Makes a sampler.
    public init(order: Int = 2) {
        precondition((1...2).contains(order), "The order is 1 or 2.")
        self.order = order
    }

    /// Starts a run.
    public func makeSolver(_ schedule: SamplingSchedule) -> Solver { Solver(order: order, schedule: schedule) }

    /// One run of DPM-Solver++.
    public struct Solver: ReverseProcessSolver {
        private let order: Int
        private let schedule: SamplingSchedule
        private let points: [LogSNRSchedule.Point]
        /// The estimate of the step before.
        private var previous: Tensor?

        init(order: Int, schedule: SamplingSchedule) {
            self.order = order
            self.schedule = schedule
            points = LogSNRSchedule(schedule).points
        }

        /// One call of the network, one update.
        public mutating func step(
            _ step: Int,
            from x: Tensor,
            denoise: (Tensor, Int) throws -> Tensor
        ) rethrows -> (latents: Tensor, estimate: Tensor) {
            let position = schedule.count - 1 - step
            let noise = try denoise(x, schedule.timesteps[position])
            let clean = estimate(x, noise: noise, alpha: schedule.alphas[position])
            let (here, next) = (points[step], points[step + 1])
            let h = next.lambda - here.lambda
            var direction = clean
            let isLastOfFew = step == schedule.count - 1 && schedule.count < 15
            if order == 2, let previous, h.isFinite, !isLastOfFew {
                let ratio = (here.lambda - points[step - 1].lambda) / h
                let weight = Float(1 / (2 * ratio))
                direction = combination([(1 + weight, clean), (-weight, previous)])
            }
            previous = clean
            let latents = combination([
                (Float(next.sigma / here.sigma), x), (Float(-next.alpha * expm1(-h)), direction),
            ])
            return (latents, clean)
        }
    }
}
