import CKernels
import Foundation
import Neuroimaging
import Synchronization
import Tensors

/// Finds the rigid motion between a fixed reference and other volumes.
///
/// Gauss-Newton with the reference linearised once (the inverse compositional form of Baker and Matthews, IJCV 56,
/// 2004): the derivatives and the normal matrix of six motion parameters and an intensity are fixed, so an iteration
/// only reads the volume at the moved points and multiplies. Points that leave the volume drop out of the right side.
/// The steps' point of rest, where the derivatives are orthogonal to the residual, is that of the full method. Where
/// much of the reference lies outside, the fixed matrix is far from the right one and steps shrink slowly; a search that
/// has not settled after a few steps goes on with the matrix of the points inside.
public struct RigidRegistration: Sendable {
    /// The settings.
    public let configuration: RealignmentConfiguration
    /// How the reference is compared: its points in mm, and its derivatives there.
    let points: PointCloud
    private let derivatives: [Float]
    private let inverseNormal: [Double]
    private let centre: SIMD3<Double>

    /// Linearises a reference.
    ///
    /// Throws `input` if the reference has too little structure to be aligned to.
    public init(
        reference: SplineVolume,
        configuration: RealignmentConfiguration = RealignmentConfiguration(),
        kernels: VolumeKernels
    ) throws(PreprocessingError) {
        try configuration.check()
        self.configuration = configuration
        var smooth = SplineVolume(grid: reference.grid)
        smooth.smooth(reference, fullWidth: configuration.smoothing, kernels: kernels)
        let samples = ReferenceSamples(of: smooth, configuration, kernels)
        guard samples.points.count >= 200 else {
            throw PreprocessingError(
                .input,
                "reference volume",
                "has only \(samples.points.count) points bright enough to align to; check that it shows a head"
            )
        }
        points = PointCloud(samples.points)
        centre = samples.centre
        derivatives = samples.derivatives
        guard let inverse = samples.inverseNormal else {
            throw PreprocessingError(.input, "reference volume", "has too little structure to be aligned to")
        }
        inverseNormal = inverse
    }

    /// Finds the motion from the reference to a volume that was smoothed as the configuration says.
    ///
    /// - Parameter start: Where to begin: the last volume's position.
    public func estimate(
        _ volume: SplineVolume,
        from start: RigidMotion = .none,
        kernels: VolumeKernels
    ) -> MotionEstimate {
        let toVoxels = volume.grid.affine.inverse ?? .identity
        var motion = start
        var (iterations, isSettled) = (0, false)
        var sums = self.sums(volume, toVoxels * motion.affine, intensity: 1, kernels)
        // The scale that fits best at the start; afterwards it is a parameter like the others.
        var intensity = sums.reference2 > 0 ? sums.product / sums.reference2 : 1
        sums = self.sums(volume, toVoxels * motion.affine, intensity: intensity, kernels)
        var inverse = inverseNormal
        while iterations < configuration.maximumIterations, !isSettled, intensity.isFinite, intensity > 0 {
            let step = solve(sums.right, inverse)
            let change = RigidMotion(
                translation: SIMD3(step[0], step[1], step[2]) / intensity,
                rotation: SIMD3(step[3], step[4], step[5]) / intensity
            )
            guard length(change.rotation) < 1, length(change.translation) < 500 else { break }
            intensity += step[6]
            motion = RigidMotion(motion.affine * about(centre, change))
            iterations += 1
            isSettled = length(change.translation) + 50 * length(change.rotation) < configuration.tolerance
            let isSlow = iterations >= Self.patience && !isSettled
            sums = self.sums(volume, toVoxels * motion.affine, intensity: intensity, withProducts: isSlow, kernels)
            if isSlow, let restricted = SymmetricMatrix.inverse(sums.normal, order: 7) { inverse = restricted }
        }
        return verdict(motion, sums, intensity, iterations, isSettled)
    }

    /// The inverse of a small motion about a point.
    private func about(_ centre: SIMD3<Double>, _ motion: RigidMotion) -> Affine {
        var map = motion.affine
        map.translation = centre + motion.translation - map.turned(centre)
        return map.inverse ?? .identity
    }

    /// The number of steps after which a search counts as slow.
    private static let patience = 6

    private func solve(_ right: [Double], _ inverse: [Double]) -> [Double] {
        (0..<7).map { row in (0..<7).reduce(0) { $0 + inverse[7 * row + $1] * right[$1] } }
    }

    private func verdict(
        _ motion: RigidMotion,
        _ sums: Sums,
        _ intensity: Double,
        _ iterations: Int,
        _ isSettled: Bool
    ) -> MotionEstimate {
        let (overlap, correlation) = (sums.count / Double(points.count), sums.correlation)
        let verdict: MotionEstimate.Verdict =
            overlap < configuration.minimumOverlap
            ? .littleOverlap
            : !isSettled
                ? .didNotSettle
                : correlation < configuration.minimumCorrelation ? .lowCorrelation : .converged
        let mean = abs(intensity) * sums.reference / max(1, sums.count)
        return MotionEstimate(
            motion: motion,
            verdict: verdict,
            iterations: iterations,
            residual: mean > 0 ? (sums.residual2 / max(1, sums.count)).squareRoot() / mean : 0,
            correlation: correlation,
            overlap: overlap,
            intensity: intensity
        )
    }

    /// What is summed over the points that lie inside the volume.
    private struct Sums {
        var right = [Double](repeating: 0, count: 7)
        var normal: [Double] = []
        var (residual2, value, value2) = (0.0, 0.0, 0.0)
        var (reference, reference2, product, count) = (0.0, 0.0, 0.0, 0.0)

        var correlation: Double {
            guard count > 1 else { return 0 }
            let covariance = product - value * reference / count
            let variances = (value2 - value * value / count) * (reference2 - reference * reference / count)
            return variances > 0 ? covariance / variances.squareRoot() : 0
        }
    }

    /// The 7×7 matrix of a lower triangle by rows.
    private static func symmetric(_ triangle: ArraySlice<Double>) -> [Double] {
        var matrix = [Double](repeating: 0, count: 49)
        var values = triangle.makeIterator()
        for row in 0..<7 {
            for column in 0...row {
                let value = values.next() ?? 0
                matrix[7 * row + column] = value
                matrix[7 * column + row] = value
            }
        }
        return matrix
    }

    private func sums(
        _ volume: SplineVolume,
        _ map: Affine,
        intensity: Double,
        withProducts: Bool = false,
        _ kernels: VolumeKernels
    ) -> Sums {
        let table = kernels.table.pointee
        let block = 1024
        let width = Int(percept_alignment_sums)
        let blocks = (points.count + block - 1) / block
        var partial = [Double](repeating: 0, count: blocks * width)
        volume.coefficients.withUnsafeBufferPointer { coefficients in
            points.coordinates.withUnsafeBufferPointer { coordinates in
                derivatives.withUnsafeBufferPointer { derivatives in
                    partial.withUnsafeMutableBufferPointer { partial in
                        var alignment = percept_alignment()
                        alignment.coefficients = coefficients.baseAddress
                        alignment.shape = (
                            Int64(volume.grid.shape.x), Int64(volume.grid.shape.y), Int64(volume.grid.shape.z)
                        )
                        alignment.points = coordinates.baseAddress
                        let margin = configuration.margin(volume.grid)
                        alignment.margin = (Float(margin.x), Float(margin.y), Float(margin.z))
                        withUnsafeMutableBytes(of: &alignment.map) { bytes in
                            map.floats.withUnsafeBytes { bytes.copyMemory(from: $0) }
                        }
                        alignment.derivatives = derivatives.baseAddress
                        alignment.stride = Int64(points.count)
                        alignment.intensity = Float(intensity)
                        alignment.with_products = withProducts ? 1 : 0
                        guard let sums = partial.baseAddress else { return }
                        withUnsafePointer(to: alignment) { alignment in
                            kernels.pool.run(count: blocks) { (index: Int) in
                                let last = min(points.count, (index + 1) * block)
                                table.align(sums + index * width, alignment, Int64(index * block), Int64(last))
                            }
                        }
                    }
                }
            }
        }
        // Added in one order, whatever the threads did.
        var total = [Double](repeating: 0, count: width)
        for index in partial.indices { total[index % width] += partial[index] }
        return Sums(
            right: Array(total[0..<7]),
            normal: withProducts ? Self.symmetric(total[14...]) : [],
            residual2: total[7],
            value: total[8],
            value2: total[9],
            reference: total[10],
            reference2: total[11],
            product: total[12],
            count: total[13]
        )
    }
}
