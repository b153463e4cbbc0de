import Neuroimaging
import Tensors

/// Finds how today's head lies relative to the reference volume of a model, once, before a run.
///
/// From coarse to fine, beginning at the scanner's coordinates and at the position where the centres of brightness
/// coincide; the better result counts. The grids may differ in shape, voxel size and orientation.
public enum SessionAlignment {
    /// Finds the motion from the model's reference to today's volume.
    ///
    /// Throws `input` if the reference has too little structure.
    public static func align(
        _ volume: SplineVolume,
        to reference: SplineVolume,
        configuration: RealignmentConfiguration = RealignmentConfiguration(),
        kernels: VolumeKernels
    ) throws(PreprocessingError) -> MotionEstimate {
        var starts = [RigidMotion.none]
        if let from = centreOfBrightness(reference), let to = centreOfBrightness(volume) {
            starts.append(RigidMotion(translation: to - from, rotation: .zero))
        }
        var levels: [(RigidRegistration, SplineVolume)] = []
        for factor in [3.2, 1.8, 1] {
            var level = configuration
            level.smoothing *= factor
            level.separation *= factor
            level.maximumIterations = 60
            level.minimumCorrelation = factor == 1 ? configuration.minimumCorrelation : -1
            level.minimumOverlap = min(configuration.minimumOverlap, 0.3)
            var smoothed = SplineVolume(grid: volume.grid)
            smoothed.smooth(volume, fullWidth: level.smoothing, kernels: kernels)
            // A coarse level may have too few points of a small volume; the finest may not.
            do {
                levels.append(
                    (try RigidRegistration(reference: reference, configuration: level, kernels: kernels), smoothed)
                )
            } catch  where factor > 1 {
                continue
            }
        }
        var best: MotionEstimate?
        for start in starts {
            var motion = start
            var last: MotionEstimate?
            for (registration, smoothed) in levels {
                let estimate = registration.estimate(smoothed, from: motion, kernels: kernels)
                if estimate.correlation.isFinite, estimate.overlap > 0.1 { motion = estimate.motion }
                last = estimate
            }
            guard let last else { continue }
            if let found = best, score(found) >= score(last) { continue }
            best = last
        }
        guard let best else { throw PreprocessingError(.input, "reference volume", "cannot be aligned to") }
        return best
    }

    /// Correlation, discounted where little overlaps: a few agreeing voxels are no alignment.
    private static func score(_ estimate: MotionEstimate) -> Double {
        (estimate.isConverged ? 1 : 0) + estimate.correlation * min(1, 2 * estimate.overlap)
    }

    /// The centre of what is brighter than half the mean, in mm.
    private static func centreOfBrightness(_ volume: SplineVolume) -> SIMD3<Double>? {
        let mean = volume.coefficients.reduce(0.0) { $0 + Double($1) } / Double(volume.grid.count)
        var (sum, weight) = (SIMD3<Double>.zero, 0.0)
        for (offset, value) in volume.coefficients.enumerated() where Double(value) > mean / 2 {
            let brightness = min(Double(value), 4 * mean)
            sum += SIMD3<Double>(volume.grid.index(offset)) * brightness
            weight += brightness
        }
        return weight > 0 ? volume.grid.affine(sum / weight) : nil
    }
}
