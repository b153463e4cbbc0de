import Foundation
import Neuroimaging
import Preprocessing
import Settings
import Tensors
import Testing

@testable import Simulation

@Suite("A simulated run")
struct SimulatedRunTests {
    @Test("is the same each time, in whatever order volumes are asked for; another run differs")
    func repeats() throws {
        let settings = try Example.settings()
        let (one, same) = (
            try SimulatedRun(settings, stimuli: Example.stimuli(3)),
            try SimulatedRun(settings, stimuli: Example.stimuli(3))
        )
        let fourth = try one.volume(4)
        let first = try one.volume(0)
        #expect(try same.volume(0) == first)
        #expect(try same.volume(4) == fourth)
        let other = try SimulatedRun(settings, stimuli: Example.stimuli(3), run: 2)
        #expect(try other.volume(0) != first)
    }

    @Test("shows every image once, at the intervals of the settings")
    func design() throws {
        let settings = try Example.settings("stimuli.interval=4", "stimuli.jitter=1", "stimuli.leadIn=5")
        let run = try SimulatedRun(settings, stimuli: Example.stimuli(9))
        #expect(Set(run.events.compactMap(\.stimulusFile)) == Set(Example.stimuli(9).map(\.name)))
        #expect(run.events[0].onset == 5)
        for (a, b) in zip(run.events, run.events.dropFirst()) { #expect((3.99...5.01).contains(b.onset - a.onset)) }
        #expect(Double(run.positions.count) * 1.5 >= run.design.length)
    }

    @Test("rises after an image by the signal change that the truth says, where the sites are")
    func response() throws {
        let settings = try Example.settings(
            "noise.temporalSignalToNoise=1000000",
            "noise.drift=0",
            "motion.framewiseDisplacement=0",
            "motion.jerkRate=0",
            "cortex.signalChange=20"
        )
        let run = try SimulatedRun(settings, stimuli: Example.stimuli(1))
        let rest = try run.volume(0).volume
        let peak = (0..<run.positions.count).max {
            run.signalChange($0).reduce(0, +) < run.signalChange($1).reduce(0, +)
        }
        let active = try run.volume(try #require(peak)).volume
        let areas = run.areas()
        var (inside, outside) = ([Double](), [Double]())
        for index in rest.voxels.indices where rest.voxels[index] > 300 {
            let change = 100 * Double(active.voxels[index] / rest.voxels[index] - 1)
            if areas.voxels[index] > 0 { inside.append(change) } else { outside.append(abs(change)) }
        }
        let truth = run.signalChange(try #require(peak))
        let mean = truth.reduce(0, +) / Double(truth.count)
        #expect(mean > 5)
        let found = inside.reduce(0, +) / Double(inside.count)
        #expect(abs(found / mean - 1) < 0.35, "\(found) of \(mean)")
        // Next to the sites the point spread still reaches; elsewhere nothing changes but by rounding.
        #expect(outside.sorted()[outside.count / 2] < 0.2)
    }

    @Test("moves as it says: realignment finds the positions")
    func motion() throws {
        let settings = try Example.settings(
            "acquisition.matrix=48",
            "acquisition.slices=28",
            "acquisition.voxelSize=4",
            "acquisition.sliceThickness=4",
            "noise.temporalSignalToNoise=200",
            "motion.framewiseDisplacement=0.4",
            "motion.jerkRate=0",
            "cortex.signalChange=0",
            "stimuli.leadOut=15"
        )
        let run = try SimulatedRun(settings, stimuli: Example.stimuli(1))
        let mean =
            zip(run.positions.dropFirst(), run.positions)
            .reduce(0) { $0 + QualityMonitor.framewiseDisplacement($1.0, after: $1.1) }
            / Double(run.positions.count - 1)
        #expect(abs(mean - 0.4) < 0.02)
        let reference = try run.volume(0).volume
        let kernels = VolumeKernels(pool: ThreadPool(threads: 1))
        var realigner = try Realigner(reference: SplineVolume(reference, kernels: kernels), kernels: kernels)
        for place in [3, 7, 11] {
            let volume = SplineVolume(try run.volume(place).volume, kernels: kernels)
            let estimate = realigner.estimate(volume, kernels: kernels)
            let truth = RigidMotion(run.positions[place].affine * (run.positions[0].affine.inverse ?? .identity))
            #expect(estimate.isConverged)
            let distance = Neuroimaging.length(estimate.motion.translation - truth.translation)
            // Slices are measured one after another, so half the way to the next volume is in the estimate.
            #expect(distance < 0.5, "\(estimate.motion) for \(truth)")
        }
    }

    @Test("of a second visit has the same head elsewhere")
    func visits() throws {
        let settings = try Example.settings()
        let second = try SimulatedRun(settings, stimuli: Example.stimuli(1), visit: 2)
        let first = try SimulatedRun(settings, stimuli: Example.stimuli(1), visit: 1)
        #expect(first.positions[0] == .none)
        #expect(Neuroimaging.length(second.positions[0].translation) > 0.5)
        #expect(try first.volume(0) != second.volume(0))
    }

    @Test("measures slices one after another, those of a shot at once")
    func sliceTimes() throws {
        var settings = AcquisitionSettings()
        (settings.slices, settings.multiband, settings.repetitionTime) = (8, 2, 1)
        #expect(SliceTiming.times(settings) == [0, 0.5, 0.25, 0.75, 0, 0.5, 0.25, 0.75])
        settings.sliceOrder = .ascending
        #expect(SliceTiming.times(settings) == [0, 0.25, 0.5, 0.75, 0, 0.25, 0.5, 0.75])
    }
}
