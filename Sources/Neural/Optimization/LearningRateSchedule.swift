import Foundation

/// How the learning rate changes with the epoch.
public enum LearningRateSchedule: Sendable, Equatable {
    /// Linear from 0 over the warm-up epochs, then the peak.
    case constant(warmup: Double = 0)
    /// Linear from 0 over the warm-up epochs, then half a cosine down to `minimum` at the last epoch.
    case warmupCosine(warmup: Double, epochs: Double, minimum: Double = 0)

    /// The learning rate at a fractional epoch.
    public func learningRate(peak: Double, epoch: Double) -> Double {
        switch self {
        case .constant(let warmup):
            return epoch < warmup ? peak * (epoch / warmup) : peak
        case .warmupCosine(let warmup, let epochs, let minimum):
            if epoch < warmup { return peak * epoch / warmup }
            let progress = min(1, (epoch - warmup) / max(epochs - warmup, .ulpOfOne))
            return minimum + (peak - minimum) * 0.5 * (1 + cos(.pi * progress))
        }
    }
}
