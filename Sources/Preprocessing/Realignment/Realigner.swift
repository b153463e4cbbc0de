import Neuroimaging
import Tensors

/// Follows the head through a run: the motion of each volume relative to the run's reference.
///
/// A search begins where the last trusted volume was. If it does not converge, a coarser one, smoothed more widely,
/// looks from there and from the reference's own position before the volume is given up as not aligned.
public struct Realigner: Sendable {
    /// The settings.
    public let configuration: RealignmentConfiguration
    /// The position of the last volume that was trusted.
    public private(set) var lastTrusted = RigidMotion.none
    private let fine: RigidRegistration
    private let coarse: RigidRegistration?
    private var smoothed: SplineVolume

    /// Takes a volume as the reference of the run.
    ///
    /// Throws `input` if it has too little structure, `configuration` if a setting is out of range.
    public init(
        reference: SplineVolume,
        configuration: RealignmentConfiguration = RealignmentConfiguration(),
        kernels: VolumeKernels
    ) throws(PreprocessingError) {
        self.configuration = configuration
        fine = try RigidRegistration(reference: reference, configuration: configuration, kernels: kernels)
        coarse = try? RigidRegistration(reference: reference, configuration: configuration.coarser, kernels: kernels)
        smoothed = SplineVolume(grid: reference.grid)
    }

    /// The points of the reference that volumes are compared at, in mm.
    var points: PointCloud { fine.points }

    /// Finds the position of the next volume, which has the reference's shape.
    public mutating func estimate(_ volume: SplineVolume, kernels: VolumeKernels) -> MotionEstimate {
        smoothed.smooth(volume, fullWidth: configuration.smoothing, kernels: kernels)
        var best = fine.estimate(smoothed, from: lastTrusted, kernels: kernels)
        if !best.isConverged, let coarse {
            smoothed.smooth(volume, fullWidth: coarse.configuration.smoothing, kernels: kernels)
            let rough = [lastTrusted, .none].map { coarse.estimate(smoothed, from: $0, kernels: kernels) }
            smoothed.smooth(volume, fullWidth: configuration.smoothing, kernels: kernels)
            for start in rough where !best.isConverged {
                let again = fine.estimate(smoothed, from: start.motion, kernels: kernels)
                if again.isConverged || again.correlation > best.correlation { best = again }
            }
        }
        if best.isConverged {
            lastTrusted = best.motion
        }
        return best
    }

    /// Writes where the head was; the reference itself is saved by whoever holds it.
    public func save(to state: inout StateWriter) { state.write(lastTrusted.parameters) }

    /// Goes on from a saved position.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        lastTrusted = RigidMotion(parameters: try state.doubles(6))
    }
}

extension RealignmentConfiguration {
    /// The same with a wider Gaussian and points farther apart, to look from farther away.
    var coarser: RealignmentConfiguration {
        var coarser = self
        coarser.smoothing = smoothing * 2.4
        coarser.separation = separation * 2
        coarser.maximumIterations = maximumIterations * 2
        return coarser
    }
}
