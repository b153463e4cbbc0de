import Foundation
import Neuroimaging
import Sessions

/// Records with something in every field.
enum SampleRecords {
    static let grid = VoxelGrid(
        shape: [5, 4, 3],
        affine: Affine(rows: [-2, 0.1, 0, 90.5], [0, 2, -0.3, -126], [0, 0.2, 2.5, -72])
    )

    static func session(_ name: String = "visit 1") -> SessionRecord {
        var session = SessionRecord(
            name: name,
            subject: "01",
            startedAt: 1.7e9 + 0.125,
            software: "percept 0.1",
            bundlePath: "/b/x.percept",
            bundleHash: "ab",
            configurationHash: "cd",
            configuration: "state: \"ä\"\n"
        )
        session.endedAt = 1.7e9 + 9
        return session
    }

    static func run(_ session: Int64, _ name: String = "run/1") -> RunRecord {
        var run = RunRecord(
            sessionID: session,
            name: name,
            task: "seeing",
            startedAt: 1.7e9,
            repetitionTime: 0.72,
            plannedVolumes: 300,
            grid: grid,
            processing: "{}"
        )
        run.endReason = "stopped"
        return run
    }

    static func volume(_ run: Int64, _ arrival: Int) -> VolumeRecord {
        var volume = VolumeRecord(runID: run, arrival: arrival, index: arrival + 1, status: .processed, receivedAt: 5.5)
        volume.acquiredAt = 4.25
        volume.checksum = .max
        volume.position = StreamPosition(publisher: "p", sequence: .max)
        (volume.recording, volume.place) = ("run-001.h5", arrival)
        volume.motion = [0.1, -0.2, 0.3, 1e-3, 2e-3, -3e-3]
        volume.verdict = "converged"
        (volume.framewiseDisplacement, volume.dvars, volume.temporalSignalToNoise) = (0.1, 0.2, 33)
        volume.flags = ["motion", "spikes"]
        volume.latencies = ["realignment": 12.5, "total": 20]
        return volume
    }

    static func event(_ run: Int64, trial: Int? = 0) -> EventRecord {
        EventRecord(
            runID: run,
            trial: trial,
            event: StimulusEvent(
                onset: 12.5,
                duration: 2,
                trialType: "face",
                stimulusFile: "a.png",
                modulation: 0.5,
                attributes: ["response": "yes\tno", "x": "\"1\""]
            ),
            source: .stream,
            receivedAt: 7,
            beforeVolume: 3,
            onsetRule: "run",
            position: StreamPosition(publisher: "p", sequence: 9)
        )
    }

    static func trial(_ run: Int64, _ trial: Int = 0, readout: Int = 0) -> TrialRecord {
        var record = TrialRecord(
            runID: run,
            trial: trial,
            readout: readout,
            delay: 5,
            isFinal: true,
            lastVolume: 9,
            isStandardized: true,
            standardizedBy: 7,
            repeats: 2,
            doubts: ["motion"],
            pattern: [1, -2.5, .leastNonzeroMagnitude, .greatestFiniteMagnitude],
            response: [3, 4, 5, 6]
        )
        record.publishedAt = 8
        record.latencies = ["trials": 3]
        return record
    }

    static func reconstruction(_ trial: TrialRecord, sample: Int = 0) -> ReconstructionRecord {
        var record = ReconstructionRecord(
            runID: trial.runID,
            trialID: trial.id ?? 0,
            trial: trial.trial,
            sample: sample,
            png: Data([0x89, 0, 255]),
            seed: .max - 1,
            sampler: "ddim",
            steps: 8,
            plannedSteps: 50,
            bundleHash: "ab",
            configurationHash: "cd",
            publishedAt: 9
        )
        (record.isLate, record.age, record.agreement, record.latencies) = (true, 1.5, 0.75, ["sampling": 900])
        return record
    }
}
