@testable import WireFormat

/// One message of every topic.
enum Samples {
    static let stamp = MessageStamp(
        session: "ses-01",
        run: "run-1",
        publisher: "scanner-5f3a",
        sequence: 7,
        sentAt: 1_700_000_000.25
    )

    static let affine: [[Double]] = [[-2, 0, 0, 90], [0, 2, 0, -126], [0, 0, 2, -72], [0, 0, 0, 1]]

    static var voxels: [UInt8] { (0..<48).map { UInt8($0) } }

    static var volume: VolumeBody {
        VolumeBody(
            index: 3,
            shape: [4, 3, 2],
            dtype: .int16,
            slope: 0.5,
            affine: affine,
            repetitionTime: 0.72,
            acquiredAt: 1_700_000_000,
            checksum: 0x00c0_ffee
        )
    }

    static var pattern: PatternBody {
        PatternBody(
            trial: 2,
            onset: 12.5,
            duration: 4,
            trialType: "faces",
            stimulusFile: "images/n01443537_22563.jpg",
            delay: 6,
            isFinal: true,
            lastVolume: 25,
            voxels: 3,
            standardized: true,
            doubts: ["motion"],
            configuration: "4f1c",
            latencies: ["realign": 21.5]
        )
    }

    static var reconstruction: ReconstructionBody {
        ReconstructionBody(
            trial: 2,
            delay: 6,
            isFinal: true,
            lastVolume: 25,
            sampler: "plms",
            steps: 12,
            plannedSteps: 50,
            seed: .max,
            isCutShort: true,
            age: 1.5,
            width: 256,
            height: 256,
            bundle: "9a0b",
            configuration: "4f1c",
            standardized: true
        )
    }

    static var status: StatusBody {
        var status = StatusBody(state: "running", source: "percept tcp://127.0.0.1:5560")
        status.volumes.received = 26
        status.queues["ingest"] = StatusBody.Queue(offered: 26, dropped: 0, waiting: 1, highWater: 2)
        status.latencies["realign"] = StatusBody.Latency(count: 26, median: 20, p90: 25, p99: 30, max: 31.5)
        status.faultCounts = ["lost": 1]
        return status
    }
}
