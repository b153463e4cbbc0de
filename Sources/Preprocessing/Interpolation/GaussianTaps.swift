import Foundation

/// A sampled Gaussian that sums to one.
struct GaussianTaps: Sendable {
    /// The number of taps on each side of the middle.
    let radius: Int
    /// The 2·radius + 1 taps.
    let values: [Float]

    /// A Gaussian of a full width at half maximum in mm, cut at four standard deviations.
    ///
    /// Each tap is the integral over its voxel, so that narrow Gaussians keep their width.
    init(fullWidth: Double, voxelSize: Double) {
        let deviation = max(fullWidth, 0) / (8 * log(2)).squareRoot() / voxelSize
        guard deviation > 1e-3 else {
            (radius, values) = (0, [1])
            return
        }
        radius = max(1, Int((4 * deviation).rounded(.up)))
        let scale = 1 / (deviation * 2.0.squareRoot())
        let taps = (-radius...radius).map { erf((Double($0) + 0.5) * scale) - erf((Double($0) - 0.5) * scale) }
        let sum = taps.reduce(0, +)
        values = taps.map { Float($0 / sum) }
    }
}
