import Foundation
import Tensors

/// UniPC, the unified predictor-corrector (Zhao et al., arXiv 2302.04867): multistep, data prediction, B(h) = eʰ − 1.
///
/// Each call of the network both corrects the step before it and predicts the next, so there is one call per step.
public struct UniPC: Sampler {
    /// The order of the predictor, 1 to 3; the corrector's is one more.
    public let order: Int

    /// Makes a sampler.
    public init(order: Int = 2) {
        precondition((1...3).contains(order), "The order lies in 1...3.")
        self.order = order
    }

    /// Starts a run.
    public func makeSolver(_ schedule: SamplingSchedule) -> Solver { Solver(order: order, schedule: schedule) }

    /// One run of UniPC.
    public struct Solver: ReverseProcessSolver {
        private let order: Int
        private let schedule: SamplingSchedule
        private let points: [LogSNRSchedule.Point]
        /// The estimates of the last steps, newest last.
        private var history: [Tensor] = []
        /// The corrected latents that the last prediction started from.
        private var origin: Tensor?

        init(order: Int, schedule: SamplingSchedule) {
            self.order = order
            self.schedule = schedule
            points = LogSNRSchedule(schedule).points
        }

        /// One call of the network: corrects the step before, then predicts the next latents.
        public mutating func step(
            _ step: Int,
            from x: Tensor,
            denoise: (Tensor, Int) throws -> Tensor
        ) rethrows -> (latents: Tensor, estimate: Tensor) {
            let position = schedule.count - 1 - step
            let noise = try denoise(x, schedule.timesteps[position])
            let clean = estimate(x, noise: noise, alpha: schedule.alphas[position])
            var corrected = x
            if let origin {
                let corrector = Update(points, to: step, order: min(order, history.count))
                corrected = corrector.apply(to: origin, history: history, new: clean)
            }
            origin = corrected
            history = Array((history + [clean]).suffix(order))
            // Towards the end the order falls, so that the last steps of a few-step run stay stable.
            let remaining = schedule.count - step
            let nextOrder = min(order, history.count, schedule.count < 15 ? remaining : order)
            let predictor = Update(points, to: step + 1, order: nextOrder)
            return (predictor.apply(to: corrected, history: history, new: nil), clean)
        }
    }

    /// The coefficients of a step to point `to`, for a predictor or a corrector.
    private struct Update {
        let scale: Float
        /// Of the estimate and of its differences: with this choice of B(h) they are one.
        let estimateFactor: Float
        /// (λ of an older point − λ of the newest)/h for the older points, newest first.
        let ratios: [Double]
        let h: Double
        let order: Int

        init(_ points: [LogSNRSchedule.Point], to target: Int, order: Int) {
            let (here, next) = (points[target - 1], points[target])
            h = next.lambda - here.lambda
            // A step that removes all noise has infinite h: the estimate itself is the result.
            self.order = h.isFinite ? order : 1
            scale = Float(next.sigma / here.sigma)
            estimateFactor = Float(-next.alpha * expm1(-h))
            let h = h
            ratios = self.order < 2 ? [] : (2...self.order).map { (points[target - $0].lambda - here.lambda) / h }
        }

        /// `history` holds estimates, newest last; `new` is the estimate at the target, which a corrector has.
        func apply(to x: Tensor, history: [Tensor], new: Tensor?) -> Tensor {
            let newest = history[history.count - 1]
            var terms = [(scale, x), (estimateFactor, newest)]
            guard h.isFinite else { return combination(terms) }
            let weights = weights(isCorrector: new != nil)
            for (index, ratio) in ratios.enumerated() {
                let older = history[history.count - 2 - index]
                let factor = estimateFactor * Float(weights[index] / ratio)
                terms += [(factor, older), (-factor, newest)]
            }
            if let new {
                let factor = estimateFactor * Float(weights[weights.count - 1])
                terms += [(factor, new), (-factor, newest)]
            }
            return combination(terms)
        }

        /// Solves the paper's system R·a = b for the weights of the scaled differences.
        private func weights(isCorrector: Bool) -> [Double] {
            let nodes = ratios + (isCorrector ? [1] : [])
            guard !nodes.isEmpty else { return [] }
            // For one node the exact solution tends to 1/2, which the authors use throughout.
            if nodes.count == 1 { return [0.5] }
            let z = -h
            var phi = expm1(z) / z - 1
            var factorial = 1.0
            var rows: [[Double]] = []
            for power in 0..<nodes.count {
                rows.append(nodes.map { pow($0, Double(power)) } + [phi * factorial / expm1(z)])
                factorial *= Double(power + 2)
                phi = phi / z - 1 / factorial
            }
            return solve(rows)
        }
    }
}

/// Gaussian elimination with pivoting of an augmented matrix of a few rows.
private func solve(_ augmented: [[Double]]) -> [Double] {
    var rows = augmented
    let n = rows.count
    for column in 0..<n {
        let pivot = (column..<n).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
        rows.swapAt(column, pivot)
        for row in 0..<n where row != column {
            let factor = rows[row][column] / rows[column][column]
            for index in column...n { rows[row][index] -= factor * rows[column][index] }
        }
    }
    return (0..<n).map { rows[$0][n] / rows[$0][$0] }
}
