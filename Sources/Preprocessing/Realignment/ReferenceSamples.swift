import CKernels
import Foundation
import Neuroimaging

/// Where a smoothed reference is compared with other volumes, and how it changes there with the head's position.
struct ReferenceSamples {
    /// The points in mm.
    private(set) var points: [SIMD3<Double>] = []
    /// The middle of the points, about which rotations are taken.
    let centre: SIMD3<Double>
    /// By parameter, then point: the derivatives by three translations (mm) and three rotations (radians), the value.
    private(set) var derivatives: [Float] = []

    init(of volume: SplineVolume, _ configuration: RealignmentConfiguration, _ kernels: VolumeKernels) {
        let all = Self.lattice(volume.grid, configuration)
        let samples = Self.gradients(volume, at: all, kernels)
        let count = all.count
        let sorted = samples.prefix(count).sorted()
        let bright = count == 0 ? 0 : sorted[min(count - 1, count * 98 / 100)]
        let threshold = Float(configuration.intensityThreshold) * bright
        let kept = (0..<count).filter { samples[$0] > threshold }
        let points = kept.map { volume.grid.affine(all[$0]) }
        let centre = points.reduce(SIMD3<Double>.zero, +) / Double(max(1, points.count))
        self.points = points
        self.centre = centre

        // Gradients by voxel index become gradients by mm: the transposed inverse of the affine.
        let inverse = volume.grid.affine.inverse ?? .identity
        var derivatives = [Float](repeating: 0, count: 7 * kept.count)
        for (place, index) in kept.enumerated() {
            let slope = SIMD3<Double>(
                Double(samples[count + index]),
                Double(samples[2 * count + index]),
                Double(samples[3 * count + index])
            )
            let gradient = SIMD3<Double>(
                (slope * inverse.columns.x).sum(),
                (slope * inverse.columns.y).sum(),
                (slope * inverse.columns.z).sum()
            )
            let turning = cross(points[place] - centre, gradient)
            for axis in 0..<3 {
                derivatives[axis * kept.count + place] = Float(gradient[axis])
                derivatives[(3 + axis) * kept.count + place] = Float(turning[axis])
            }
            derivatives[6 * kept.count + place] = samples[index]
        }
        self.derivatives = derivatives
    }

    /// The inverse of the 7×7 matrix of the derivatives' products, or nil if the reference does not determine it.
    var inverseNormal: [Double]? {
        let count = points.count
        var normal = [Double](repeating: 0, count: 49)
        derivatives.withUnsafeBufferPointer { derivatives in
            for row in 0..<7 {
                for column in 0...row {
                    var sum = 0.0
                    for index in 0..<count {
                        sum += Double(derivatives[row * count + index]) * Double(derivatives[column * count + index])
                    }
                    normal[7 * row + column] = sum
                    normal[7 * column + row] = sum
                }
            }
        }
        return SymmetricMatrix.inverse(normal, order: 7)
    }

    /// Points about `separation` mm apart in voxel indices, each moved a little from a regular grid, so that no point
    /// of a volume that did not move is read exactly at a voxel, where interpolation does not smooth.
    private static func lattice(_ grid: VoxelGrid, _ configuration: RealignmentConfiguration) -> [SIMD3<Double>] {
        let step = (0..<3).map { max(1, configuration.separation / grid.voxelSize[$0]) }
        let margin = configuration.margin(grid)
        let range = (0..<3).map { axis in
            stride(from: margin[axis], through: Double(grid.shape[axis] - 1) - margin[axis], by: step[axis])
        }
        var points: [SIMD3<Double>] = []
        for z in range[2] {
            for y in range[1] {
                for x in range[0] {
                    // Multiples of the roots of x⁴ = x + 1 fill a cube evenly (Roberts 2018).
                    let number = Double(points.count + 1)
                    let shift = SIMD3(0.8191725133961645, 0.6710436067037893, 0.5497004779019703) * number
                    points.append(SIMD3(x, y, z) + (shift - shift.rounded(.down)) * 0.5)
                }
            }
        }
        return points.filter { point in (0..<3).allSatisfy { point[$0] <= Double(grid.shape[$0] - 1) } }
    }

    /// Values, then derivatives along the three voxel axes.
    private static func gradients(_ volume: SplineVolume, at indices: [SIMD3<Double>], _ kernels: VolumeKernels)
        -> [Float]
    {
        let cloud = PointCloud(indices)
        let shape = [Int64(volume.grid.shape.x), Int64(volume.grid.shape.y), Int64(volume.grid.shape.z)]
        var samples = [Float](repeating: 0, count: 4 * cloud.count)
        kernels.table.pointee.sample_gradient(
            &samples,
            volume.coefficients,
            shape,
            cloud.coordinates,
            Int64(cloud.count),
            Int64(cloud.count),
            Affine.identity.floats
        )
        return samples
    }
}
