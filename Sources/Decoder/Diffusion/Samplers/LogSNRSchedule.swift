import Foundation

/// A sampling schedule in terms of α = √ᾱ, σ = √(1−ᾱ) and λ = log(α/σ), which the exponential integrators use.
struct LogSNRSchedule {
    /// α, σ and λ at a point.
    struct Point {
        let alpha: Double
        let sigma: Double
        let lambda: Double

        init(alphaCumulative: Float) {
            let share = Double(alphaCumulative)
            alpha = share.squareRoot()
            sigma = max(0, 1 - share).squareRoot()
            lambda = sigma > 0 ? log(alpha / sigma) : .infinity
        }
    }

    /// The points in the order of sampling: where each step starts, and where the last ends.
    let points: [Point]

    init(_ schedule: SamplingSchedule) {
        points = (schedule.alphas.reversed() + [schedule.previousAlphas[0]]).map(Point.init)
    }
}
