import Tensors

/// Pseudo linear multistep sampling (Liu et al., arXiv 2202.09778), what the published images were made with.
///
/// The network is called once more than there are steps: the first step averages two predictions.
public struct PLMS: Sampler {
    /// Makes a sampler.
    public init() {}

    /// Starts a run.
    public func makeSolver(_ schedule: SamplingSchedule) -> Solver { Solver(schedule: schedule) }

    /// One run of PLMS.
    public struct Solver: ReverseProcessSolver {
        let schedule: SamplingSchedule
        /// The predictions of the last steps, at most three, newest last.
        private var history: [Tensor] = []

        init(schedule: SamplingSchedule) { self.schedule = schedule }

        /// One call of the network, in the first step two; then an update with a combination of predictions.
        public mutating func step(
            _ step: Int,
            from x: Tensor,
            denoise: (Tensor, Int) throws -> Tensor
        ) rethrows -> (latents: Tensor, estimate: Tensor) {
            let position = schedule.count - 1 - step
            let prediction = try denoise(x, schedule.timesteps[position])
            let noise: Tensor
            switch history.count {
            case 0:
                let provisional = implicitStep(x, noise: prediction, schedule, position).latents
                let next = try denoise(provisional, schedule.timesteps[max(position - 1, 0)])
                noise = combination([(0.5, prediction), (0.5, next)])
            case 1:
                noise = combination([(1.5, prediction), (-0.5, history[0])])
            case 2:
                noise = combination([(23 / 12, prediction), (-16 / 12, history[1]), (5 / 12, history[0])])
            default:
                noise = combination([
                    (55 / 24, prediction), (-59 / 24, history[2]), (37 / 24, history[1]), (-9 / 24, history[0]),
                ])
            }
            history = Array((history + [prediction]).suffix(3))
            return implicitStep(x, noise: noise, schedule, position)
        }
    }
}
