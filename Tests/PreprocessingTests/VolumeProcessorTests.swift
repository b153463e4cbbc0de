import Foundation
import Neuroimaging
import Testing

@testable import Preprocessing

@Suite("The volume processor")
struct VolumeProcessorTests {
    static let run = Result { try SyntheticRun() }

    /// Everything that a volume led to, but for the time that it took.
    static func content(_ volume: ProcessedVolume) -> [String] {
        [
            "\(volume.number) \(volume.motion) \(volume.quality.framewiseDisplacement) \(volume.quality.dvars ?? -1)",
            "\(volume.quality.flags.map(\.rawValue).sorted()) \(volume.quality.temporalSignalToNoise ?? -1)",
            "\(volume.values.map(\.bitPattern)) \(volume.cleaned.map(\.bitPattern))",
        ]
            + volume.trials.map { trial in
                "\(trial.trial) \(trial.delay) \(trial.response.map(\.bitPattern)) \(trial.doubts) "
                    + "\((trial.standardized ?? []).map(\.bitPattern)) \((trial.standardError ?? []).map(\.bitPattern))"
            }
    }

    @Test("follows the head and finds the response to every stimulus")
    func endToEnd() throws {
        let run = try Self.run.get()
        var processor = try run.processor()
        let volumes = try run.process(&processor)
        for (volume, motion) in zip(volumes, run.motions) {
            #expect(volume.motion.isConverged)
            let error = RigidRegistrationTests.error(volume.motion.motion, motion)
            #expect(error.millimetres < 0.1 && error.degrees < 0.1, "\(error)")
        }
        let final = volumes.flatMap(\.trials).filter(\.isFinal)
        #expect(final.map(\.trial) == [0, 1, 2, 3])
        for trial in final {
            let on = zip(trial.response, run.responses).filter { $1 > 0 }.map { Double($0.0) }
            let off = zip(trial.response, run.responses).filter { $1 == 0 }.map { Double($0.0) }
            let (active, quiet) = (on.reduce(0, +) / Double(on.count), off.reduce(0, +) / Double(off.count))
            // Interpolation of a checkerboard of voxels mixes neighbours.
            #expect(active > quiet + 8, "\(active) \(quiet)")
            #expect(trial.isReliable, "\(trial.doubts)")
        }
        #expect(volumes.flatMap(\.trials).count == 8)
        #expect(processor.statistics?.count == 2)
    }

    @Test("never lets a later volume or event change an earlier result")
    func causality() throws {
        let run = try Self.run.get()
        var processor = try run.processor()
        let whole = try run.process(&processor)
        var other = try run.processor()
        let changed = 25
        for number in 0..<run.volumes.count {
            var volume = run.volumes[number]
            if number >= changed { for index in volume.voxels.indices { volume.voxels[index] *= 1.1 } }
            let result = try volume.voxels.withUnsafeBufferPointer { try other.process(.float($0), grid: run.grid) }
            if number < changed { #expect(Self.content(result) == Self.content(whole[number])) }
        }
    }

    @Test(
        "goes on from a saved state as if it had never stopped",
        arguments: [
            TrialConfiguration.Method.leastSquaresSeparate(response: .glover, delays: [6, 10]),
            .windowMean(delay: 4, duration: 4), .slidingWindow(volumes: 3),
        ]
    )
    func restore(method: TrialConfiguration.Method) throws {
        let run = try Self.run.get()
        var configuration = SyntheticRun.configuration
        configuration.trials.method = method
        configuration.trials.averagesRepeats = true
        configuration.autoregression = 0.2
        configuration.smoothing = 4
        configuration.confounds.motion = .twentyFour
        var whole = try run.processor(configuration)
        let expected = try run.process(&whole)
        for stop in [1, 13] {
            var first = try run.processor(configuration)
            _ = try run.process(&first, 0..<stop)
            let state = try first.save()
            var second = try VolumeProcessor(
                configuration: configuration,
                mask: run.mask,
                kernels: SyntheticRun.kernels
            )
            try second.restore(state)
            let rest = try run.process(&second, stop..<run.volumes.count)
            #expect(rest.map(Self.content) == expected[stop...].map(Self.content))
            let isSame = try second.save() == whole.save()
            #expect(isSame)
        }
    }

    @Test("refuses a damaged state and stays as it was")
    func damagedState() throws {
        let run = try Self.run.get()
        var processor = try run.processor()
        _ = try run.process(&processor, 0..<4)
        let state = try processor.save()
        for count in stride(from: 0, to: state.count, by: max(1, state.count / 37)) {
            #expect(throws: PreprocessingError.self) { try processor.restore(Array(state[..<count])) }
        }
        #expect(processor.nextNumber == 4)
        let isSame = try processor.save() == state
        #expect(isSame)
    }

    @Test("marks missing, repeated, broken and foreign volumes, and goes on")
    func badDay() throws {
        let run = try Self.run.get()
        var processor = try run.processor()
        _ = try run.process(&processor, 0..<5)
        let missing = try run.process(&processor, 7..<8)[0]
        #expect(missing.quality.flags.contains(.missingBefore) && missing.quality.missingBefore == 2)
        let again = try run.process(&processor, 7..<8)[0]
        #expect(again.quality.flags.contains(.repeated) && again.number == 7)
        let copied = try run.volumes[7].voxels.withUnsafeBufferPointer {
            try processor.process(.float($0), grid: run.grid, number: 8)
        }
        #expect(copied.quality.flags.contains(.repeated))
        let noise = (0..<run.grid.count).map { Float($0 * 7919 % 1009) }
        let lost = try noise.withUnsafeBufferPointer { try processor.process(.float($0), grid: run.grid) }
        #expect(lost.quality.flags.contains(.notAligned) && !lost.quality.isUsable)
        var holes = run.volumes[10].voxels
        holes[100] = .nan
        let broken = try holes.withUnsafeBufferPointer { try processor.process(.float($0), grid: run.grid) }
        #expect(broken.quality.notFinite == 1 && broken.quality.flags.contains(.notFinite))
        #expect(broken.values.allSatisfy { $0.isFinite })
        let foreign = VoxelGrid(shape: run.grid.shape, affine: .scaling([3, 3, 3]))
        #expect(throws: PreprocessingError.self) {
            try run.volumes[11].voxels.withUnsafeBufferPointer { try processor.process(.float($0), grid: foreign) }
        }
        let after = try run.process(&processor, 11..<12)[0]
        #expect(after.quality.isUsable && after.motion.isConverged)
    }

    @Test("says why a trial is not to be trusted")
    func doubts() throws {
        let run = try Self.run.get()
        var processor = try run.processor()
        var volumes = try run.process(&processor, 0..<6)
        volumes += try run.process(&processor, 9..<20)
        let first = volumes.flatMap(\.trials).first { $0.trial == 0 && $0.isFinal }
        #expect(first?.isReliable == false)
        #expect(first?.doubts.first?.contains("missing 3") == true, "\(first?.doubts ?? [])")
        try processor.present(StimulusEvent(onset: 20, duration: 1))
        let late = try run.process(&processor, 20..<28).flatMap(\.trials).first { $0.trial == 4 }
        #expect(late?.doubts.first == "announced after its onset")
    }

    @Test("carries on without drift removal when a run is longer than planned")
    func longRun() throws {
        let run = try Self.run.get()
        var configuration = SyntheticRun.configuration
        configuration.plannedVolumes = 10
        var processor = try run.processor(configuration)
        let volumes = try run.process(&processor, 0..<12)
        #expect(!volumes[9].quality.flags.contains(.beyondPlannedRun))
        #expect(volumes[11].quality.flags.contains(.beyondPlannedRun))
    }

    @Test("standardises the first trial with an earlier run's statistics")
    func prior() throws {
        let run = try Self.run.get()
        var first = try run.processor()
        _ = try run.process(&first)
        let statistics = try #require(first.statistics)
        var second = try VolumeProcessor(
            configuration: SyntheticRun.configuration,
            mask: run.mask,
            statistics: statistics,
            kernels: SyntheticRun.kernels
        )
        for event in run.events { try second.present(event) }
        let trial = try run.process(&second).flatMap(\.trials).first
        #expect(trial?.standardized != nil)
    }

    @Test("refuses settings that cannot work")
    func settings() throws {
        let run = try Self.run.get()
        let changes: [(inout ProcessingConfiguration) -> Void] = [
            { $0.repetitionTime = 0 }, { $0.plannedVolumes = 0 }, { $0.smoothing = -1 }, { $0.forgetting = 0 },
            { $0.autoregression = 1 }, { $0.realignment?.separation = 0 }, { $0.spikes?.threshold = 0 },
            { $0.trials.method = .slidingWindow(volumes: 0) },
            { $0.trials.method = .leastSquaresSeparate(response: .glover, delays: []) },
            { $0.confounds.drift = .cosine(cutoff: -1) },
        ]
        for change in changes {
            var configuration = SyntheticRun.configuration
            change(&configuration)
            #expect(throws: PreprocessingError.self) { try run.processor(configuration) }
        }
    }
}
