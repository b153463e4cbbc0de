import Foundation
import Settings

/// How the parts of the noise have to be so that all of it together is as asked for.
///
/// Shares of variance, correlations from volume to volume and correlations of neighbours add up, weighted by the shares;
/// so the autoregressive part's follow from those of the whole and of the other parts.
public struct NoiseComposition: Sendable, Equatable {
    /// Shares of the variance: white, breathing and heartbeat together, and autoregressive.
    public let (thermal, physiology, autoregressive): (Double, Double, Double)
    /// The correlation of the autoregressive part from volume to volume.
    public let coefficient: Double
    /// The standard deviation along each axis, in voxels, of the kernel that smooths the autoregressive part.
    public let kernels: [Double]
    /// The correlation of neighbours along each axis in the parts that are smooth.
    public let neighbours: [Double]

    /// Solves for the parts.
    ///
    /// - Parameters:
    ///   - settings: What is asked for.
    ///   - repetitionTime: The time from volume to volume in s.
    ///   - voxelSize: The distance of voxels along each axis in mm.
    /// - Throws: ``SimulationError`` with `configuration` where the parts cannot add up to what is asked for.
    public init(_ settings: NoiseSettings, repetitionTime: Double, voxelSize: SIMD3<Double>) throws(SimulationError) {
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
        let rhythms = [settings.respirationRate, settings.heartRate].map {
            Rhythm(rate: $0).correlation(after: repetitionTime)
        }
        let rest = settings.autocorrelation - physiology * (rhythms[0] + rhythms[1]) / 2
        let coefficient = autoregressive > 0 ? rest / autoregressive : 0
        guard abs(coefficient) < 0.99, autoregressive > 0 || abs(rest) < 0.05 else {
            throw SimulationError(
                .configuration,
                "noise.autocorrelation",
                "\(settings.autocorrelation) cannot be reached with a thermal share of \(thermal) and a physiological "
                    + "one of \(physiology): their noise has another correlation from volume to volume; "
                    + "make the shares smaller"
            )
        }
        self.coefficient = coefficient
        let smooth = 1 - thermal
        var neighbours: [Double] = []
        for axis in 0..<3 {
            let wanted = NoiseEstimates.correlation(fwhm: settings.smoothness, distance: voxelSize[axis])
            let correlation = smooth > 0 ? wanted / smooth : 0
            guard correlation < 0.98, smooth > 0 || wanted < 0.05 else {
                throw SimulationError(
                    .configuration,
                    "noise.smoothness",
                    "\(settings.smoothness) mm cannot be reached with voxels of \(voxelSize[axis]) mm and a thermal "
                        + "share of \(thermal), which is not smooth; make the share or the smoothness smaller"
                )
            }
            neighbours.append(correlation)
        }
        self.neighbours = neighbours
        kernels = neighbours.map(SmoothingKernel.deviation)
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
