import Foundation
import Tensors

/// Breathing, or the heartbeat: a wave whose phase wanders, so that its rate varies as that of a person does.
struct Rhythm: Sendable {
    /// Cycles a second.
    let rate: Double
    /// The variance that the phase gains in a second, in rad².
    private static let wander = 0.05

    init(rate: Double) { self.rate = rate }

    /// The correlation of the wave with itself some s later.
    func correlation(after seconds: Double) -> Double {
        cos(2 * .pi * rate * seconds) * exp(-Self.wander * seconds / 2)
    }

    /// The phase at rising times in s, the first near 0.
    func phases(at times: [Double], random: inout RandomNumbers) -> [Double] {
        var phase = 2 * Double.pi * Double(random.uniform())
        var last = 0.0
        return times.map { time in
            let step = max(0, time - last)
            phase += 2 * .pi * rate * step + (Self.wander * step).squareRoot() * Double(random.normalPair().0)
            last = time
            return phase
        }
    }
}
