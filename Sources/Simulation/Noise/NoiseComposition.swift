import Foundation
import Settings

/// How the parts of the noise have to be so that all of it together is as asked for.
///
/// Shares of variance, correlations from volume to volume and correlations of neighbours add up, weighted by the shares;
/// so the autoregressive part's follow from those of the whole and of the other parts.
public struct NoiseComposition: Sendable {
    /// Shares of the variance: white, breathing and heartbeat together, and autoregressive.
    public let (thermal, physiology, autoregressive): (Double, Double, Double)
    /// The correlation of the autoregressive part from volume to volume.
    public let coefficient: Double
    /// The standard deviation along each axis, in voxels, of the kernel that smooths the autoregressive part.
    public let kernels: [Double]
    /// The same of the phases of breathing and heartbeat, and the standard deviation of these phases in radians.
    let phases: (kernels: [Double], deviation: Double)

    /// Solves for the parts.
    ///
    /// - Parameters:
    ///   - settings: What is asked for.
    ///   - repetitionTime: The time from volume to volume in s.
    ///   - voxelSize: The distance of voxels along each axis in mm.
    ///   - sliceTimes: When each slice is measured, in s after the start of a volume.
    /// - Throws: ``SimulationError`` with `configuration` where the parts cannot add up to what is asked for.
    public init(
        _ settings: NoiseSettings,
        repetitionTime: Double,
        voxelSize: SIMD3<Double>,
        sliceTimes: [Double]
    ) throws(SimulationError) {
        let (thermal, physiology) = (settings.thermalShare, settings.physiologyShare)
        let autoregressive = 1 - thermal - physiology
        guard autoregressive >= 0 else {
            throw SimulationError(
                .configuration,
                "noise",
                "thermalShare and physiologyShare are more than 1 together; make them smaller"
            )
        }
        (self.thermal, self.physiology, self.autoregressive) = (thermal, physiology, autoregressive)
        let rhythms = [settings.respirationRate, settings.heartRate].map { Rhythm(rate: $0) }
        func rhythmic(after seconds: Double) -> Double {
            rhythms.reduce(0) { $0 + $1.correlation(after: seconds) / Double(rhythms.count) }
        }
        let rest = settings.autocorrelation - physiology * rhythmic(after: repetitionTime)
        let coefficient = autoregressive > 0 ? rest / autoregressive : 0
        guard abs(coefficient) < 0.9, autoregressive > 0 || abs(rest) < 0.05 else {
            throw SimulationError(
                .configuration,
                "noise.autocorrelation",
                "\(settings.autocorrelation) cannot be reached with a thermal share of \(thermal) and a physiological "
                    + "one of \(physiology): their noise has another correlation from volume to volume; "
                    + "make the shares smaller"
            )
        }
        self.coefficient = coefficient
        let wanted = (0..<3).map { NoiseEstimates.correlation(fwhm: settings.smoothness, distance: voxelSize[$0]) }
        // Waves whose phases differ by a smooth field of variance a² have neighbours that correlate by exp(−a²(1 − r)).
        let fields = wanted.map { min(0.95, max(0.01, $0)) }
        let mean = fields.reduce(0, +) / 3
        let variance = -log(mean) / (1 - mean)
        phases = (fields.map(SmoothingKernel.deviation), variance.squareRoot())
        // Neighbouring slices are measured at different times, between which the waves go on.
        let steps = zip(sliceTimes, sliceTimes.dropFirst()).map { rhythmic(after: abs($1 - $0)) }
        let across = steps.isEmpty ? 1 : steps.reduce(0, +) / Double(steps.count)
        kernels = try (0..<3).map { axis throws(SimulationError) in
            let wave = exp(-variance * (1 - fields[axis])) * (axis == 2 ? across : 1)
            let rest = wanted[axis] - physiology * wave
            let correlation = autoregressive > 0 ? rest / autoregressive : 0
            guard correlation < 0.98, autoregressive > 0 || abs(rest) < 0.05 else {
                throw SimulationError(
                    .configuration,
                    "noise.smoothness",
                    "\(settings.smoothness) mm cannot be reached with voxels of \(voxelSize[axis]) mm and a thermal "
                        + "share of \(thermal), which is not smooth; make the share or the smoothness smaller"
                )
            }
            return SmoothingKernel.deviation(neighbours: max(0, correlation))
        }
    }
}

/// The taps of a Gaussian that keeps the variance of white noise.
struct SmoothingKernel: Sendable {
    let taps: [Float]

    /// A kernel of a standard deviation in voxels.
    init(deviation: Double) {
        taps = Self.taps(deviation).map(Float.init)
    }

    var radius: Int { taps.count / 2 }

    private static func taps(_ deviation: Double) -> [Double] {
        guard deviation > 0.05 else { return [1] }
        let radius = max(1, Int((4 * deviation).rounded(.up)))
        let values = (-radius...radius).map { exp(-Double($0 * $0) / (2 * deviation * deviation)) }
        let power = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { $0 / power }
    }

    /// The standard deviation, in voxels, of the kernel that gives neighbours a correlation.
    static func deviation(neighbours correlation: Double) -> Double {
        guard correlation > 1e-4 else { return 0 }
        var (low, high) = (0.0, 8.0)
        for _ in 0..<50 {
            let middle = (low + high) / 2
            let taps = taps(middle)
            let reached = zip(taps, taps.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
            if reached < correlation { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
