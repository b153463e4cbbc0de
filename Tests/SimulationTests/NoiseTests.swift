import Foundation
import Neuroimaging
import Settings
import Tensors
import Testing

@testable import Simulation

@Suite("Simulated noise")
struct NoiseTests {
    /// The noise of a participant who sees nothing and lies still, as estimated from the volumes.
    private func estimates(_ overrides: [String], volumes: Int = 240) throws -> NoiseEstimates {
        var settings = try Example.settings(
            "cortex.signalChange=0",
            "motion.framewiseDisplacement=0",
            "motion.jerkRate=0"
        )
        settings = try SimulationSettings(
            yaml: "",
            file: "test",
            overrides: settings.effective.filter { $0.value != "null" }.map { "\($0.key)=\($0.value)" } + overrides
                + ["stimuli.leadOut=\(1.5 * Double(volumes) - 9)"]
        )
        let run = try SimulatedRun(settings, stimuli: Example.stimuli(1))
        let brain = try Example.brain(run)
        let images = try run.positions.indices.map { try run.volume($0).volume.voxels }
        return try NoiseEstimates(
            images,
            grid: run.grid,
            voxels: brain,
            repetitionTime: settings.acquisition.repetitionTime
        )
    }

    @Test(
        "has the temporal signal-to-noise ratio, autocorrelation and smoothness that were asked for, within 10 %",
        arguments: [
            ["noise.temporalSignalToNoise=80", "noise.autocorrelation=0.25", "noise.smoothness=6.5"],
            [
                "noise.temporalSignalToNoise=40", "noise.autocorrelation=0.4", "noise.smoothness=8",
                "noise.thermalShare=0.1",
            ],
            [
                "noise.temporalSignalToNoise=120", "noise.autocorrelation=0.1", "noise.smoothness=7",
                "noise.physiologyShare=0.3", "noise.thermalShare=0.2", "noise.drift=1",
            ],
        ]
    )
    func recovered(_ overrides: [String]) throws {
        let wanted = try SimulationSettings(yaml: "", file: "test", overrides: overrides).noise
        let found = try estimates(overrides)
        #expect(abs(found.temporalSignalToNoise / wanted.temporalSignalToNoise - 1) < 0.1, "\(found)")
        #expect(abs(found.autocorrelation / wanted.autocorrelation - 1) < 0.1, "\(found)")
        for axis in 0..<3 { #expect(abs(found.smoothness[axis] / wanted.smoothness - 1) < 0.1, "\(found)") }
    }

    @Test("cannot be asked for what its parts do not give")
    func impossible() throws {
        let size = SIMD3<Double>(3, 3, 3)
        var smooth = NoiseSettings()
        (smooth.smoothness, smooth.thermalShare) = (8, 0.6)
        #expect(throws: SimulationError.self) {
            try NoiseComposition(smooth, repetitionTime: 2, voxelSize: size, sliceTimes: [0])
        }
        var slow = NoiseSettings()
        (slow.autocorrelation, slow.thermalShare) = (0.9, 0.5)
        #expect(throws: SimulationError.self) {
            try NoiseComposition(slow, repetitionTime: 2, voxelSize: size, sliceTimes: [0])
        }
    }

    @Test("is estimated without bias in a known autoregressive process, however many trends are removed")
    func estimator() throws {
        let (count, voxels) = (150, 600)
        var random = RandomNumbers(seed: 3, purpose: "estimator")
        var series = [[Float]](repeating: [Float](repeating: 0, count: voxels), count: count)
        for voxel in 0..<voxels {
            var value = Double(random.normalPair().0)
            for time in 0..<count {
                series[time][voxel] = Float(100 + 2 * value + 0.05 * Double(time))
                value = 0.5 * value + 0.75.squareRoot() * Double(random.normalPair().0)
            }
        }
        let grid = VoxelGrid(shape: [voxels, 1, 1], affine: .identity)
        let found = try NoiseEstimates(
            series,
            grid: grid,
            voxels: Array(0..<voxels),
            repetitionTime: 2,
            cutoff: 100
        )
        #expect(abs(found.autocorrelation - 0.5) < 0.03, "\(found)")
        #expect(abs(found.temporalSignalToNoise / (103.7 / 2) - 1) < 0.03, "\(found)")
    }

    @Test("of a real run is that run's residuals")
    func residuals() throws {
        // A run of noise with a trend, written as a file; its standard deviation relative to the mean is 2 %.
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("percept-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("noise.nii.gz").path
        let grid = VoxelGrid(shape: [16, 16, 8], affine: .scaling([12, 12, 12]))
        let writer = try NIfTIWriter(path: path, header: NIfTIHeader(grid: grid, volumes: 60, repetitionTime: 1.5))
        var random = RandomNumbers(seed: 9, purpose: "residuals")
        for time in 0..<60 {
            let voxels = (0..<grid.count).map { _ in 1000 + 2 * Float(time) + 20 * random.normalPair().0 }
            try writer.append(Volume(grid: grid, voxels: voxels))
        }
        try writer.finish()
        let settings = try Example.settings(
            "cortex.signalChange=0",
            "motion.framewiseDisplacement=0",
            "motion.jerkRate=0",
            "stimuli.leadOut=81"
        )
        var noisy = settings
        noisy.noise.residuals = path
        let run = try SimulatedRun(noisy, stimuli: Example.stimuli(1))
        let brain = try Example.brain(run)
        let series = try (0..<60).map { try run.volume($0).volume.voxels }
        var ratios: [Double] = []
        for voxel in brain {
            let values = series.map { Double($0[voxel]) }
            let mean = values.reduce(0, +) / 60
            ratios.append((values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 60).squareRoot() / mean)
        }
        // Between voxels of the coarser run, interpolation averages.
        let median = ratios.sorted()[ratios.count / 2]
        #expect(median > 0.006 && median < 0.02, "\(median)")
    }
}
