import Neuroimaging
import Tensors

/// Takes the volumes of a run to the values of a region in model space, with one interpolation.
///
/// The run's first volume is the reference of its motion; where the model has a reference of its own, the first volume
/// is aligned to that once. Each value is then read from the acquired volume at the place where the voxel of the model
/// is now: the motion of the head and the alignment of the session are composed, and nothing is resampled twice.
struct RegionSampler: Sendable {
    let grid: VoxelGrid
    /// From the model's reference to the run's first volume; nil if there is no reference.
    let session: MotionEstimate?
    private let configuration: ProcessingConfiguration
    private let region: PointCloud
    private let toVoxels: Affine
    private var realigner: Realigner?
    private(set) var spline: SplineVolume
    private var smoothed: SplineVolume?

    /// Starts a run with its first volume.
    init(
        first: [Float],
        grid: VoxelGrid,
        region: PointCloud,
        reference: SplineVolume?,
        configuration: ProcessingConfiguration,
        kernels: VolumeKernels
    ) throws(PreprocessingError) {
        guard let toVoxels = grid.affine.inverse else {
            throw PreprocessingError(.geometry, "volume", "has an affine that cannot be inverted")
        }
        (self.grid, self.region, self.toVoxels, self.configuration) = (grid, region, toVoxels, configuration)
        var spline = SplineVolume(grid: grid)
        first.withUnsafeBufferPointer { spline.fit($0, kernels: kernels) }
        if let realignment = configuration.realignment {
            realigner = try Realigner(reference: spline, configuration: realignment, kernels: kernels)
            session = try reference.map { reference throws(PreprocessingError) in
                try SessionAlignment.align(spline, to: reference, configuration: realignment, kernels: kernels)
            }
        } else {
            session = nil
        }
        if configuration.smoothing > 0 { smoothed = SplineVolume(grid: grid) }
        self.spline = spline
    }

    /// Points of the first volume's head, in mm.
    var head: PointCloud { realigner?.points ?? region }

    /// Takes in the voxels of the next volume.
    mutating func fit(_ voxels: [Float], kernels: VolumeKernels) {
        voxels.withUnsafeBufferPointer { spline.fit($0, kernels: kernels) }
    }

    /// Where the head is now.
    mutating func estimate(kernels: VolumeKernels) -> MotionEstimate {
        realigner?.estimate(spline, kernels: kernels)
            ?? MotionEstimate(
                motion: .none,
                verdict: .converged,
                iterations: 0,
                residual: 0,
                correlation: 1,
                overlap: 1,
                intensity: 1
            )
    }

    /// The position to use: that of the volume if it is trusted, else that of the last volume that was.
    func trusted(_ estimate: MotionEstimate) -> RigidMotion {
        estimate.isConverged ? estimate.motion : realigner?.lastTrusted ?? .none
    }

    /// From the first volume's mm to the voxel indices of a volume whose head is at a position.
    func map(_ motion: RigidMotion) -> Affine { toVoxels * motion.affine }

    /// From the model's mm to those voxel indices.
    func modelMap(_ motion: RigidMotion) -> Affine {
        session.map { map(motion) * $0.motion.affine } ?? map(motion)
    }

    /// Reads the region's values; those of voxels outside stay as they are.
    ///
    /// Returns how many are outside.
    mutating func sample(_ values: inout [Float], _ motion: RigidMotion, kernels: VolumeKernels) -> Int {
        if var smoothed {
            self.smoothed = nil
            smoothed.smooth(spline, fullWidth: configuration.smoothing, kernels: kernels)
            defer { self.smoothed = smoothed }
            return smoothed.sample(&values, at: region, map: modelMap(motion), kernels: kernels)
        }
        return spline.sample(&values, at: region, map: modelMap(motion), kernels: kernels)
    }

    /// The last volume on a grid of model space; zero outside.
    func resampled(to target: VoxelGrid, _ motion: RigidMotion, kernels: VolumeKernels) -> Volume {
        let points = PointCloud((0..<target.count).map { target.affine(SIMD3<Double>(target.index($0))) })
        var volume = Volume(zeros: target)
        (smoothed ?? spline).sample(&volume.voxels, at: points, map: modelMap(motion), kernels: kernels)
        return volume
    }

    func save(to state: inout StateWriter) { realigner?.save(to: &state) }

    mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        try realigner?.restore(from: &state)
    }
}
