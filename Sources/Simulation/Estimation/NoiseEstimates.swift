import Foundation
import Neuroimaging

/// The noise of a run, found from its volumes: what a simulation is held against, and real runs are described by.
///
/// Slow trends (waves of periods above a cutoff, and a line) are removed first. What that takes from the noise itself is
/// corrected for (Worsley and others, NeuroImage 15, 2002).
public struct NoiseEstimates: Sendable, Equatable {
    /// The median over voxels of the mean divided by the standard deviation of the noise.
    public let temporalSignalToNoise: Double
    /// The median over voxels of the correlation from volume to volume.
    public let autocorrelation: Double
    /// The smoothness along each axis in mm (FWHM; Forman and others, MRM 33, 1995).
    public let smoothness: [Double]

    /// Estimates the noise of a region.
    ///
    /// - Parameters:
    ///   - volumes: The run, ten volumes or more.
    ///   - grid: Where the voxels are.
    ///   - voxels: The places of the region's voxels.
    ///   - repetitionTime: The time from volume to volume in s.
    ///   - cutoff: Slower changes than one in so many s are trends.
    /// - Throws: ``SimulationError`` with `input` where there are too few volumes or voxels.
    public init(
        _ volumes: [[Float]],
        grid: VoxelGrid,
        voxels: [Int],
        repetitionTime: Double,
        cutoff: Double = 128
    ) throws(SimulationError) {
        let count = volumes.count
        guard count >= 10, !voxels.isEmpty, volumes.allSatisfy({ $0.count == grid.count }) else {
            throw SimulationError(
                .input,
                "run",
                "noise is estimated from ten volumes or more and at least one voxel; there are \(count) volumes and "
                    + "\(voxels.count) voxels"
            )
        }
        let basis = Self.trends(count, repetitionTime: repetitionTime, cutoff: cutoff)
        let correction = AutocovarianceCorrection(basis: basis)
        var residuals = [[Float]](repeating: [], count: voxels.count)
        var (ratios, correlations) = ([Double](), [Double]())
        for (place, voxel) in voxels.enumerated() {
            var series = volumes.map { Double($0[voxel]) }
            let mean = series.reduce(0, +) / Double(count)
            for vector in basis {
                let projection = zip(series, vector).reduce(0) { $0 + $1.0 * $1.1 }
                for index in series.indices { series[index] -= projection * vector[index] }
            }
            let power = series.reduce(0) { $0 + $1 * $1 }
            guard power > 0 else { continue }
            let (variance, correlation) = correction.estimate(series)
            ratios.append(mean / variance.squareRoot())
            correlations.append(correlation)
            let scale = 1 / power.squareRoot()
            residuals[place] = series.map { Float($0 * scale) }
        }
        temporalSignalToNoise = Self.median(ratios)
        autocorrelation = Self.median(correlations)
        smoothness = Self.smoothness(residuals, voxels, grid)
    }

    /// The correlation of neighbours so many mm apart in noise of a smoothness.
    static func correlation(fwhm: Double, distance: Double) -> Double {
        fwhm > 0 ? exp(-2 * log(2) * distance * distance / (fwhm * fwhm)) : 0
    }

    /// Trends as orthonormal columns.
    private static func trends(_ count: Int, repetitionTime: Double, cutoff: Double) -> [[Double]] {
        let length = Double(count) * repetitionTime
        let waves = min(count / 8, Int(2 * length / cutoff))
        var columns = [[Double](repeating: 1, count: count), (0..<count).map { Double($0) / Double(count) - 0.5 }]
        for order in 1...max(1, waves) where waves > 0 {
            let step = Double.pi * Double(order) / Double(count)
            columns.append((0..<count).map { cos(step * (Double($0) + 0.5)) })
            columns.append((0..<count).map { sin(step * (Double($0) + 0.5)) })
        }
        return orthonormal(columns)
    }

    /// The same space, by the modified Gram-Schmidt process; columns that add nothing are left out.
    static func orthonormal(_ columns: [[Double]]) -> [[Double]] {
        var basis: [[Double]] = []
        for column in columns {
            var column = column
            let size = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for _ in 0..<2 {
                for vector in basis {
                    let projection = zip(column, vector).reduce(0) { $0 + $1.0 * $1.1 }
                    for index in column.indices { column[index] -= projection * vector[index] }
                }
            }
            let rest = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if rest > 1e-9 * max(size, 1e-300) { basis.append(column.map { $0 / rest }) }
        }
        return basis
    }

    private static func smoothness(_ residuals: [[Float]], _ voxels: [Int], _ grid: VoxelGrid) -> [Double] {
        let places = Dictionary(uniqueKeysWithValues: voxels.enumerated().map { ($1, $0) })
        let steps = [1, grid.shape.x, grid.shape.x * grid.shape.y]
        return (0..<3).map { axis in
            var (sum, pairs) = (0.0, 0)
            for (place, voxel) in voxels.enumerated() {
                guard grid.index(voxel)[axis] + 1 < grid.shape[axis], let next = places[voxel + steps[axis]] else {
                    continue
                }
                let (a, b) = (residuals[place], residuals[next])
                guard !a.isEmpty, !b.isEmpty else { continue }
                sum += Double(zip(a, b).reduce(0) { $0 + $1.0 * $1.1 })
                pairs += 1
            }
            let correlation = sum / Double(max(1, pairs))
            guard correlation > 1e-3 else { return 0 }
            return grid.voxelSize[axis] * (-2 * log(2) / log(min(correlation, 1 - 1e-9))).squareRoot()
        }
    }

    private static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
