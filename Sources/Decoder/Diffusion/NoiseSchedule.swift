import Foundation

/// The forward process of 1000 timesteps: how much of the image and how much noise there is at each.
///
/// β is linear in its square root between the two ends; everything is formed in float64, as the reference does, and the
/// tables that networks and samplers use are float32.
public struct NoiseSchedule: Sendable {
    /// The variance added at each timestep.
    public let betas: [Double]
    /// ᾱ: the share of the image's variance that is left.
    public let alphasCumulative: [Double]

    /// The number of timesteps.
    public var count: Int { betas.count }

    /// The published schedule, or another of the same form.
    public init(count: Int = 1000, linearStart: Double = 0.0015, linearEnd: Double = 0.0195) {
        let (start, end) = (linearStart.squareRoot(), linearEnd.squareRoot())
        betas = (0..<count).map { index in
            let root = start + Double(index) / Double(max(count - 1, 1)) * (end - start)
            return root * root
        }
        var product = 1.0
        alphasCumulative = betas.map { beta in
            product *= 1 - beta
            return product
        }
    }

    /// ᾱ as the samplers read it.
    public var alphasCumulativeTable: [Float] { alphasCumulative.map(Float.init) }

    /// The buffers of the reference's state dict, by name.
    public var buffers: [String: [Float]] {
        let previous = [1.0] + alphasCumulative.dropLast()
        let indices = betas.indices
        let variance = indices.map { betas[$0] * (1 - previous[$0]) / (1 - alphasCumulative[$0]) }
        let tables: [String: [Double]] = [
            "betas": betas,
            "alphas_cumprod": alphasCumulative,
            "alphas_cumprod_prev": previous,
            "sqrt_alphas_cumprod": alphasCumulative.map { $0.squareRoot() },
            "sqrt_one_minus_alphas_cumprod": alphasCumulative.map { (1 - $0).squareRoot() },
            "log_one_minus_alphas_cumprod": alphasCumulative.map { log(1 - $0) },
            "sqrt_recip_alphas_cumprod": alphasCumulative.map { (1 / $0).squareRoot() },
            "sqrt_recipm1_alphas_cumprod": alphasCumulative.map { (1 / $0 - 1).squareRoot() },
            "posterior_variance": variance,
            "posterior_log_variance_clipped": variance.map { log(max($0, 1e-20)) },
            "posterior_mean_coef1": indices.map { betas[$0] * previous[$0].squareRoot() / (1 - alphasCumulative[$0]) },
            "posterior_mean_coef2": indices.map {
                (1 - previous[$0]) * (1 - betas[$0]).squareRoot() / (1 - alphasCumulative[$0])
            },
        ]
        return tables.mapValues { $0.map(Float.init) }
    }

    /// The weights of the variational bound in terms of the noise's squared error.
    ///
    /// The first, infinite, takes the second's value.
    public var variationalWeights: [Float] {
        let previous = [1.0] + alphasCumulative.dropLast()
        var weights = betas.indices.map { index -> Float in
            let variance = betas[index] * (1 - previous[index]) / (1 - alphasCumulative[index])
            return Float(
                betas[index] * betas[index] / (2 * variance * (1 - betas[index]) * (1 - alphasCumulative[index]))
            )
        }
        if weights.count > 1 { weights[0] = weights[1] }
        return weights
    }
}
