import Foundation

/// Exact statements about a share of successes among independent trials.
public enum Binomial {
    /// The interval of Clopper and Pearson ("The use of confidence or fiducial limits", Biometrika 1934): it covers the
    /// true share at least as often as stated.
    public static func interval(successes: Int, of trials: Int, confidence: Double = 0.95) -> Interval {
        precondition(trials > 0 && (0...trials).contains(successes), "\(successes) of \(trials) is no share.")
        let tail = (1 - confidence) / 2
        let (k, n) = (Double(successes), Double(trials))
        let lower = successes == 0 ? 0 : betaQuantile(tail, k, n - k + 1)
        let upper = successes == trials ? 1 : betaQuantile(1 - tail, k + 1, n - k)
        return Interval(lower, upper)
    }

    /// The probability of so many successes or more if each has probability `chance`.
    public static func upperTail(successes: Int, of trials: Int, chance: Double) -> Double {
        precondition(trials > 0 && (0...trials).contains(successes) && (0...1).contains(chance))
        guard successes > 0 else { return 1 }
        return incompleteBeta(chance, Double(successes), Double(trials - successes + 1))
    }

    /// The value below which a beta distribution lies with the given probability, by bisection.
    private static func betaQuantile(_ probability: Double, _ a: Double, _ b: Double) -> Double {
        var (low, high) = (0.0, 1.0)
        while high - low > 1e-14 {
            let middle = (low + high) / 2
            if middle == low || middle == high { break }
            if incompleteBeta(middle, a, b) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The regularised incomplete beta function Iₓ(a, b), by its continued fraction (DLMF 8.17.22).
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // The fraction converges fast on this side; the other side follows by symmetry.
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
        var (c, d) = (1.0, 1 - (a + b) * x / (a + 1))
        d = 1 / (abs(d) < 1e-300 ? 1e-300 : d)
        var fraction = d
        for step in 1...500 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            for term in [even, odd] {
                d = 1 + term * d
                d = 1 / (abs(d) < 1e-300 ? 1e-300 : d)
                c = 1 + term / c
                if abs(c) < 1e-300 { c = 1e-300 }
                fraction *= c * d
            }
            if abs(c * d - 1) < 1e-15 { break }
        }
        return front * fraction
    }
}
