import Foundation
import Neuroimaging

/// The noise of a real run: what is left of each voxel, relative to its mean, after a trend of second order.
struct ResidualNoise {
    private let grid: VoxelGrid
    /// Volume by volume.
    private let residuals: [[Float]]

    /// Reads a run.
    ///
    /// - Parameters:
    ///   - path: A NIfTI file.
    ///   - limit: The most volumes that are kept.
    /// - Throws: `NeuroimagingError`; ``SimulationError`` with `input` for less than ten volumes.
    init(path: String, limit: Int) throws {
        let reader = try NIfTIReader(path: path)
        let count = min(limit, reader.header.volumes)
        guard count >= 10 else {
            throw SimulationError(.input, path, "has \(count) volumes; residuals need a run of ten or more")
        }
        grid = reader.header.grid
        let polynomials = Self.polynomials(count)
        var sums = [[Double]](repeating: [Double](repeating: 0, count: grid.count), count: polynomials.count)
        var volumes: [[Float]] = []
        for place in 0..<count {
            let volume = try reader.volume(place).voxels
            for (order, polynomial) in polynomials.enumerated() {
                for index in volume.indices where volume[index].isFinite {
                    sums[order][index] += polynomial[place] * Double(volume[index])
                }
            }
            volumes.append(volume)
        }
        let level = 1 / Double(count).squareRoot()
        let means = sums[0].map { $0 * level }
        // Outside the head there is nothing to be relative to.
        let threshold = 0.2 * (means.max() ?? 0)
        residuals = volumes.enumerated().map { place, volume in
            volume.indices.map { index in
                guard means[index] > threshold, volume[index].isFinite else { return 0 }
                var value = Double(volume[index])
                for (order, polynomial) in polynomials.enumerated() { value -= sums[order][index] * polynomial[place] }
                return Float(value / means[index])
            }
        }
    }

    /// Adds the noise of a volume; grids are laid over each other from edge to edge, and time runs forth and back.
    func add(to intensities: inout [Float], of target: VoxelGrid, volume: Int) {
        let period = max(1, 2 * residuals.count - 2)
        let place = volume % period
        let field = Volume(grid: grid, voxels: residuals[place < residuals.count ? place : period - place])
        let scale = SIMD3<Double>(grid.shape) / SIMD3<Double>(target.shape)
        for index in intensities.indices where intensities[index] > 0 {
            let point = (SIMD3<Double>(target.index(index)) + 0.5) * scale - 0.5
            intensities[index] *= 1 + field.trilinear(point)
        }
    }

    /// Orthonormal polynomials of order 0, 1 and 2.
    private static func polynomials(_ count: Int) -> [[Double]] {
        NoiseEstimates.orthonormal(
            (0..<3).map { order in
                (0..<count).map { pow(2 * Double($0) / Double(count - 1) - 1, Double(order)) }
            }
        )
    }
}
