import Foundation

/// Which of the schedule's timesteps a sampler visits.
public enum TimestepSpacing: String, Sendable, Codable, CaseIterable {
    /// The reference's: every ⌊1000/steps⌋-th from 1 on.
    ///
    /// The number of steps may come out larger than asked for. Where the reference's last timestep lies behind the
    /// schedule and crashes it, the last timestep is the schedule's last.
    case uniform
    /// Equal steps that end at the schedule's last timestep (Lin et al., arXiv 2305.08891).
    case trailing
    /// Equal steps of the logarithm of the signal-to-noise ratio (Lu et al., arXiv 2206.00927).
    case logSNR

    /// The timesteps for a number of steps from 1 to the length of the schedule, strictly increasing.
    public func timesteps(steps: Int, schedule: NoiseSchedule) -> [Int] {
        let total = schedule.count
        precondition((1...total).contains(steps), "The number of steps lies in 1...\(total), not at \(steps).")
        switch self {
        case .uniform:
            let distance = total / steps
            var result = stride(from: 0, to: total, by: distance).map { min($0 + 1, total - 1) }
            if result.count > 1, result[result.count - 1] == result[result.count - 2] { result.removeLast() }
            return result
        case .trailing:
            return (1...steps).map { Int((Double($0 * total) / Double(steps)).rounded()) - 1 }
        case .logSNR:
            let logSNR = schedule.alphasCumulative.map { 0.5 * log($0 / (1 - $0)) }
            let (first, last) = (logSNR[0], logSNR[total - 1])
            let ideal = (0..<steps).map { index -> Int in
                // The noisiest timestep is always visited; the least noisy follows from the distance.
                let target = last + (first - last) * Double(steps - 1 - index) / Double(steps)
                return Self.nearest(target, in: logSNR)
            }
            return Self.spread(ideal, below: total)
        }
    }

    private static func nearest(_ target: Double, in decreasing: [Double]) -> Int {
        var (low, high) = (0, decreasing.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if decreasing[middle] > target { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return 0 }
        return abs(decreasing[low - 1] - target) < abs(decreasing[low] - target) ? low - 1 : low
    }

    /// Moves timesteps apart that fell together.
    private static func spread(_ timesteps: [Int], below total: Int) -> [Int] {
        var result = timesteps
        for index in result.indices.dropFirst() { result[index] = max(result[index], result[index - 1] + 1) }
        for index in result.indices { result[index] = min(result[index], total - (result.count - index)) }
        return result
    }
}

/// The timesteps of a sampler and ᾱ before and after each.
public struct SamplingSchedule: Sendable {
    /// The timesteps, increasing; sampling visits them from the last to the first.
    public let timesteps: [Int]
    /// ᾱ at each timestep.
    public let alphas: [Float]
    /// ᾱ at the timestep that the step leads to.
    public let previousAlphas: [Float]

    /// The schedule for a number of steps.
    public init(steps: Int, spacing: TimestepSpacing = .uniform, schedule: NoiseSchedule = NoiseSchedule()) {
        timesteps = spacing.timesteps(steps: steps, schedule: schedule)
        let table = schedule.alphasCumulativeTable
        alphas = timesteps.map { table[$0] }
        // The reference stops at the first timestep of the schedule, which still has some noise; the others remove all.
        previousAlphas = [spacing == .uniform ? table[0] : 1] + alphas.dropLast()
    }

    /// The number of steps.
    public var count: Int { timesteps.count }

    /// σ of every step for a given η: the noise that DDIM adds.
    public func sigmas(eta: Float) -> [Float] {
        zip(alphas, previousAlphas).map { alpha, previous in
            eta * ((1 - previous) / (1 - alpha) * (1 - alpha / previous)).squareRoot()
        }
    }
}
