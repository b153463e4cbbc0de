import Foundation
import Neuroimaging
import SharedMaterial
import Tensors
import Testing

@testable import Preprocessing

@Suite("Realignment")
struct RigidRegistrationTests {
    static let kernels = VolumeKernels(pool: ThreadPool(threads: 2))

    /// A head of a few bright shapes with soft edges, defined everywhere, so that it can be moved exactly.
    static func head(_ p: SIMD3<Double>, sharpness: Double = 8) -> Double {
        func ball(_ centre: SIMD3<Double>, _ radii: SIMD3<Double>, _ height: Double) -> Double {
            let d = (p - centre) / radii
            return height / (1 + exp(sharpness * ((d * d).sum().squareRoot() - 1)))
        }
        return 50 + ball([0, 0, 0], [60, 75, 55], 600) + ball([20, 20, 10], [15, 20, 12], 250)
            - ball([-15, -30, 5], [12, 15, 20], 300) + ball([10, -45, -15], [18, 10, 12], 200)
    }

    static func volume(_ grid: VoxelGrid, moved motion: RigidMotion = .none, noise: Double = 0) -> Volume {
        // A point of the reference moves to motion(point): the moved head at x is the head at motion⁻¹(x).
        let back = motion.affine.inverse ?? .identity
        var state: UInt64 = 88_172_645_463_325_252
        return Volume(
            grid: grid,
            voxels: (0..<grid.count).map { offset in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                let uniform = (Double(state >> 11) / 0x1p53 - 0.5) * 12.0.squareRoot()
                return Float(head(back(grid.affine(SIMD3<Double>(grid.index(offset))))) + noise * uniform)
            }
        )
    }

    static let grid = VoxelGrid(
        shape: [36, 42, 26],
        affine: Affine(rows: [-4, 0, 0, 70], [0, 4, -0.3, -82], [0, 0.3, 4.5, -58])
    )
    static let motions = [
        RigidMotion(translation: [0.4, -0.2, 0.3], rotation: [0.004, -0.002, 0.003]),
        RigidMotion(translation: [3, -3, 3], rotation: [0.052, 0.03, -0.052]),
        RigidMotion(translation: [-2, 1, -3], rotation: [-0.052, -0.052, 0.052]),
    ]

    /// The largest distances between two positions: in mm within 60 mm of the middle, and in degrees.
    static func error(_ a: RigidMotion, _ b: RigidMotion) -> (millimetres: Double, degrees: Double) {
        let difference = RigidMotion((a.affine.inverse ?? .identity) * b.affine)
        return (length(difference.translation), difference.angle * 180 / .pi)
    }

    @Test("recovers a known motion of a known head", arguments: motions)
    func known(motion: RigidMotion) throws {
        let kernels = Self.kernels
        let reference = SplineVolume(Self.volume(Self.grid), kernels: kernels)
        let registration = try RigidRegistration(reference: reference, kernels: kernels)
        var smooth = SplineVolume(grid: Self.grid)
        smooth.smooth(
            SplineVolume(Self.volume(Self.grid, moved: motion), kernels: kernels),
            fullWidth: 5,
            kernels: kernels
        )
        let estimate = registration.estimate(smooth, kernels: kernels)
        let error = Self.error(estimate.motion, motion)
        #expect(estimate.isConverged, "\(estimate)")
        #expect(error.millimetres < 0.05 && error.degrees < 0.05, "\(error) \(estimate)")
    }

    @Test("recovers it in noise, at another brightness and with slices missing")
    func noisy() throws {
        let kernels = Self.kernels
        let reference = SplineVolume(Self.volume(Self.grid), kernels: kernels)
        let registration = try RigidRegistration(reference: reference, kernels: kernels)
        let cut = VoxelGrid(shape: [36, 42, 20], affine: Self.grid.affine)
        var volume = Self.volume(cut, moved: Self.motions[1], noise: 12)
        for index in volume.voxels.indices { volume.voxels[index] *= 0.8 }
        var smooth = SplineVolume(grid: cut)
        smooth.smooth(SplineVolume(volume, kernels: kernels), fullWidth: 5, kernels: kernels)
        let estimate = registration.estimate(smooth, kernels: kernels)
        let error = Self.error(estimate.motion, Self.motions[1])
        #expect(estimate.isConverged, "\(estimate)")
        #expect(abs(estimate.intensity - 0.8) < 0.01)
        #expect(estimate.overlap < 0.95)
        #expect(error.millimetres < 0.1 && error.degrees < 0.1, "\(error)")
    }

    @Test("says so when a volume shows something else")
    func verdicts() throws {
        let kernels = Self.kernels
        let reference = SplineVolume(Self.volume(Self.grid), kernels: kernels)
        let registration = try RigidRegistration(reference: reference, kernels: kernels)
        var random = SystemRandomNumberGenerator()
        let noise = Volume(
            grid: Self.grid,
            voxels: (0..<Self.grid.count).map { _ in Float.random(in: 0...500, using: &random) }
        )
        for volume in [noise, Volume(zeros: Self.grid)] {
            var smooth = SplineVolume(grid: Self.grid)
            smooth.smooth(SplineVolume(volume, kernels: kernels), fullWidth: 5, kernels: kernels)
            #expect(!registration.estimate(smooth, kernels: kernels).isConverged)
        }
    }

    @Test("refuses a reference without a head")
    func empty() {
        #expect(throws: PreprocessingError.self) {
            try RigidRegistration(
                reference: SplineVolume(Volume(zeros: Self.grid), kernels: Self.kernels),
                kernels: Self.kernels
            )
        }
    }
}
