import Foundation
import Neuroimaging
import SharedMaterial
import Tensors
import Testing

@testable import Preprocessing

@Suite("Realignment of real volumes", .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"))
struct RealVolumeTests {
    static let kernels = VolumeKernels(pool: ThreadPool(threads: 2))

    static func brain() throws -> Volume {
        try NIfTIReader(path: SharedMaterial.url("data/fixtures/nifti-nibabel/example4d.nii.gz").path).volume(0)
    }

    /// The volume as it would be with the head at another position.
    static func moved(_ volume: Volume, _ motion: RigidMotion) throws -> Volume {
        let grid = volume.grid
        let points = PointCloud((0..<grid.count).map { grid.affine(SIMD3<Double>(grid.index($0))) })
        let map = try #require(grid.affine.inverse) * #require(motion.affine.inverse)
        var result = Volume(zeros: grid)
        SplineVolume(volume, kernels: kernels).sample(&result.voxels, at: points, map: map, kernels: kernels)
        return result
    }

    @Test("recovers motions of up to 3 mm and 3° to 0.05 mm and 0.05°, and to 0.1 in noise", arguments: [false, true])
    func knownMotion(isNoisy: Bool) throws {
        let volume = try Self.brain()
        var realigner = try Realigner(reference: SplineVolume(volume, kernels: Self.kernels), kernels: Self.kernels)
        let third = 3 * Double.pi / 180
        let motions = [
            RigidMotion(translation: [3, 3, -3], rotation: [third, -third, third]),
            RigidMotion(translation: [-3, 0.4, 3], rotation: [-third, 0.2 * third, -third]),
            RigidMotion(translation: [0.1, -0.2, 0.05], rotation: [0.001, 0, -0.002]),
        ]
        for motion in motions {
            var volume = try Self.moved(volume, motion)
            if isNoisy {
                // A temporal signal-to-noise ratio of 60 in the brain, whose voxels are near 400.
                var state: UInt64 = 3
                for index in volume.voxels.indices {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    volume.voxels[index] += (Float(state >> 40) / 0x1p24 - 0.5) * 3.46 * 400 / 60
                }
            }
            let estimate = realigner.estimate(SplineVolume(volume, kernels: Self.kernels), kernels: Self.kernels)
            let error = RigidRegistrationTests.error(estimate.motion, motion)
            #expect(estimate.isConverged)
            #expect(error.millimetres < (isNoisy ? 0.1 : 0.05), "\(error)")
            #expect(error.degrees < (isNoisy ? 0.1 : 0.05), "\(error)")
        }
    }

    @Test("aligns a session whose head lies elsewhere, in another grid")
    func sessions() throws {
        let reference = try Self.brain()
        let motion = RigidMotion(translation: [12, -9, 6], rotation: [0.1, -0.06, 0.12])
        let today = try Self.moved(reference, motion).reordered(to: try #require(Orientation("PIR")))
        let estimate = try SessionAlignment.align(
            SplineVolume(today, kernels: Self.kernels),
            to: SplineVolume(reference, kernels: Self.kernels),
            kernels: Self.kernels
        )
        let error = RigidRegistrationTests.error(estimate.motion, motion)
        #expect(estimate.isConverged, "\(estimate)")
        #expect(error.millimetres < 0.2 && error.degrees < 0.2, "\(error)")
    }

    @Test(
        "agrees with an independent program on a real run, within 0.1 mm and 0.1°",
        .enabled(if: Studyforrest.unpacked != nil)
    )
    func independentEstimate() throws {
        // The first 28 volumes, in which the head moves most; their files in the order of the scan.
        var assembler = DICOMAssembler()
        var volumes: [DICOMVolume] = []
        for file in try Studyforrest.slices(volumes: 28) {
            volumes += try assembler.add([UInt8](try Data(contentsOf: file)))
        }
        volumes = (volumes + assembler.finish()).sorted { $0.temporalPosition < $1.temporalPosition }
        #expect(volumes.count == 28)
        let table = try String(
            contentsOf: try SharedMaterial.url(Studyforrest.folder + "/nipy_realign_params_half1.tsv"),
            encoding: .utf8
        )
        let rows = table.split(separator: "\n").dropFirst().map { $0.split(separator: "\t").compactMap { Double($0) } }
        let first = try #require(volumes.first).volume
        var realigner = try Realigner(reference: SplineVolume(first, kernels: Self.kernels), kernels: Self.kernels)
        for (volume, row) in zip(volumes, rows) {
            let estimate = realigner.estimate(SplineVolume(volume.volume, kernels: Self.kernels), kernels: Self.kernels)
            #expect(estimate.isConverged)
            for (index, (ours, theirs)) in zip(estimate.motion.parameters, row.dropFirst()).enumerated() {
                let difference = abs(ours - theirs) * (index < 3 ? 1 : 180 / .pi)
                #expect(difference < 0.1, "volume \(volume.temporalPosition), parameter \(index)")
            }
        }
    }
}
