import Foundation

/// A difference of two gamma densities: a peak and an undershoot after it.
///
/// The density of the peak has shape `delay / dispersion` and scale `dispersion`, that of the undershoot likewise, and
/// `ratio` of the latter is subtracted.
public struct DoubleGamma: Sendable, Equatable {
    /// Which response of the family.
    public enum Term: Sendable, Equatable {
        /// The response itself.
        case response
        /// What it changes by per second if it comes earlier.
        case timeDerivative
        /// What it changes by per unit of dispersion if the peak gets narrower.
        case dispersionDerivative
    }

    /// When the peak comes, in s.
    public let delay: Double
    /// When the undershoot comes, in s.
    public let undershoot: Double
    /// How wide the peak is, in s.
    public let dispersion: Double
    /// How wide the undershoot is, in s.
    public let undershootDispersion: Double
    /// The size of the undershoot relative to the peak.
    public let ratio: Double
    /// How long the response lasts, in s.
    public let length: Double
    /// The width of the undershoot where the derivative by dispersion is taken.
    private let undershootDispersionOfDerivative: Double

    /// SPM's canonical parameters; nilearn rounds the ratio 1/6 to 0.167, and so it is here.
    public static let spm = DoubleGamma(
        delay: 6,
        undershoot: 16,
        dispersion: 1,
        undershootDispersion: 1,
        ratio: 0.167
    )

    /// Glover's parameters as in nilearn, whose derivative by dispersion has an undershoot of dispersion 1.
    public static let glover = DoubleGamma(
        delay: 6,
        undershoot: 12,
        dispersion: 0.9,
        undershootDispersion: 0.9,
        ratio: 0.48,
        undershootDispersionOfDerivative: 1
    )

    /// Sets the parameters.
    ///
    /// All but the ratio are above 0, and delays are at most 100 times the dispersions.
    /// - Throws: `NeuroimagingError` otherwise.
    public init(
        delay: Double,
        undershoot: Double,
        dispersion: Double,
        undershootDispersion: Double,
        ratio: Double,
        length: Double
    ) throws(NeuroimagingError) {
        let positive = [delay, undershoot, dispersion, undershootDispersion, length]
        guard positive.allSatisfy({ $0 > 0 && $0.isFinite }), ratio.isFinite,
            delay / dispersion <= 100, undershoot / undershootDispersion <= 100
        else {
            throw NeuroimagingError(
                .malformed,
                "response",
                "its times have to be above 0 s and its delays at most 100 times its dispersions"
            )
        }
        self.init(
            delay: delay,
            undershoot: undershoot,
            dispersion: dispersion,
            undershootDispersion: undershootDispersion,
            ratio: ratio,
            duration: length
        )
    }

    private init(
        delay: Double,
        undershoot: Double,
        dispersion: Double,
        undershootDispersion: Double,
        ratio: Double,
        duration: Double = 32,
        undershootDispersionOfDerivative: Double? = nil
    ) {
        self.delay = delay
        self.undershoot = undershoot
        self.dispersion = dispersion
        self.undershootDispersion = undershootDispersion
        self.ratio = ratio
        length = duration
        self.undershootDispersionOfDerivative = undershootDispersionOfDerivative ?? undershootDispersion
    }

    /// One response of the family on a grid; the response itself is not yet scaled.
    func kernel(_ term: Term, step: Double) -> [Double] {
        switch term {
        case .response:
            return samples(step: step)
        case .timeDerivative:
            return difference(samples(step: step), samples(step: step, onset: 0.1), over: 0.1)
        case .dispersionDerivative:
            let width = undershootDispersionOfDerivative
            return difference(
                samples(step: step, width: width),
                samples(step: step, wider: 0.01, width: width),
                over: 0.01
            )
        }
    }

    /// What two responses of unit sum differ by.
    private func difference(_ first: [Double], _ second: [Double], over step: Double) -> [Double] {
        let sums = (first.reduce(0, +), second.reduce(0, +))
        return zip(first, second).map { ($0 / sums.0 - $1 / sums.1) / step }
    }

    /// The response on nilearn's grid: the points reach from 0 to the length, and densities begin one step late.
    private func samples(
        step: Double,
        onset: Double = 0,
        wider: Double = 0,
        width: Double? = nil
    ) -> [Double] {
        let count = max(2, Int((length / step).rounded(.toNearestOrEven)))
        let spacing = length / Double(count - 1)
        let peak = Gamma(mean: delay, scale: dispersion + wider)
        let trough = Gamma(mean: undershoot, scale: width ?? undershootDispersion)
        return (0..<count).map { index in
            let time = Double(index) * spacing - onset - step
            return peak.density(time) - ratio * trough.density(time)
        }
    }
}

/// The gamma distribution.
private struct Gamma {
    let shape: Double
    let scale: Double
    /// 1 / (Γ(shape) · scale).
    let factor: Double

    init(mean: Double, scale: Double) {
        shape = mean / scale
        self.scale = scale
        factor = 1 / (tgamma(shape) * scale)
    }

    func density(_ time: Double) -> Double {
        guard time > 0 else { return 0 }
        let value = time / scale
        return exp((shape - 1) * log(value) - value) * factor
    }
}
