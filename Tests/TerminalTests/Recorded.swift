import Foundation
import Images
import WireFormat

@testable import Terminal

/// Messages of a short session, as a daemon publishes them.
struct Recorded {
    var state: WatchState
    private(set) var sequence: UInt64 = 0
    private(set) var time = 0.0
    var run = "run-1"

    init(_ change: (inout WatchSettings) -> Void = { _ in }) {
        var settings = WatchSettings(address: "tcp://127.0.0.1:5570")
        change(&settings)
        state = WatchState(settings, at: 0)
    }

    mutating func stamp() -> MessageStamp {
        defer { sequence += 1 }
        return MessageStamp(
            session: "ses-01",
            run: run,
            publisher: "perceptd-1",
            sequence: sequence,
            sentAt: 1_700_000_000 + time
        )
    }

    mutating func take(_ content: MessageContent, payload: [[UInt8]] = [], after seconds: Double = 0) {
        time += seconds
        state.take(stamp(), content, payload: payload, at: time)
    }

    /// Volumes 0..<count every 2 s; volume 7 has moved.
    mutating func takeVolumes(_ count: Int) {
        for index in 0..<count {
            let displacement = index == 7 ? 1.25 : Double(index % 4) * 0.05
            take(
                .motion(
                    MotionBody(
                        index: index,
                        translation: [0.125, -0.25, 0.5],
                        rotation: [.pi / 180, 0, -.pi / 360],
                        framewiseDisplacement: displacement,
                        verdict: "converged",
                        correlation: 0.99,
                        iterations: 3
                    )
                ),
                after: 2
            )
            take(
                .quality(
                    QualityBody(
                        index: index,
                        framewiseDisplacement: displacement,
                        dvars: index == 0 ? nil : 1 + Double(index % 3) / 2,
                        temporalSignalToNoise: 45.25,
                        isUsable: index != 7,
                        flags: index == 7 ? ["motion"] : [],
                        latencies: ["volume": 21.5]
                    )
                )
            )
        }
    }

    static func status(volumes: Int) -> StatusBody {
        var body = StatusBody(state: "running", source: "percept tcp://127.0.0.1:5560")
        (body.bundle, body.index) = ("0123456789abcdef", volumes - 1)
        (body.volumes.received, body.volumes.processed, body.volumes.recorded) = (volumes, volumes, volumes - 1)
        body.volumes.missing = 2
        (body.trials.patterns, body.trials.decoded, body.trials.late) = (2, 2, 1)
        body.queues["ingest"] = StatusBody.Queue(offered: volumes, dropped: 0, waiting: 1, highWater: 3)
        body.queues["recorder"] = StatusBody.Queue(offered: volumes, dropped: 0, waiting: 0, highWater: 2)
        body.recording = StatusBody.Recording(state: "on", freeBytes: 12 << 30)
        body.latencies = [
            "volume": StatusBody.Latency(count: volumes, median: 21.5, p90: 30, p99: 44.25, max: 61),
            "pattern": StatusBody.Latency(count: 2, median: 25, p90: 33, p99: 33, max: 33),
            "image": StatusBody.Latency(count: 2, median: 1000, p90: 2500, p99: 2500, max: 2500),
            "realignment": StatusBody.Latency(count: volumes, median: 12, p90: 14, p99: 20, max: 22),
        ]
        return body
    }

    static func pattern(_ trial: Int, doubts: [String] = []) -> PatternBody {
        PatternBody(
            trial: trial,
            onset: Double(trial) * 12 + 4,
            trialType: "face",
            stimulusFile: "images/face_\(trial).png",
            delay: 6,
            isFinal: true,
            lastVolume: 9,
            voxels: 1,
            standardized: true,
            standardizedBy: trial,
            doubts: doubts,
            configuration: "c0ffee"
        )
    }

    static func image(_ trial: Int, width: Int = 2, height: Int = 2) -> ReconstructionBody {
        ReconstructionBody(
            trial: trial,
            onset: Double(trial) * 12 + 4,
            trialType: "face",
            stimulusFile: "images/face_\(trial).png",
            delay: 6,
            isFinal: true,
            lastVolume: 9,
            sampler: "plms",
            steps: 20,
            plannedSteps: 20,
            seed: 1,
            age: 2.5,
            width: width,
            height: height,
            bundle: "0123456789abcdef",
            configuration: "c0ffee",
            standardized: true
        )
    }

    /// Black and white above, grey and black below.
    static let pixels = Image8(height: 2, width: 2, bytes: [0, 0, 0, 255, 255, 255, 128, 128, 128, 0, 0, 0])

    static func png(_ image: Image8 = pixels) throws -> [UInt8] { [UInt8](try PNG.encode(image)) }

    /// A session of ten volumes with two trials, the second late and doubtful.
    static func session(_ change: (inout WatchSettings) -> Void = { _ in }) throws -> Recorded {
        var recorded = Recorded(change)
        let start = RunBody(phase: .start, task: "faces", repetitionTime: 2, plannedVolumes: 20)
        recorded.take(.run(start))
        recorded.takeVolumes(10)
        recorded.take(.pattern(pattern(0)))
        recorded.take(.reconstruction(image(0)), payload: [try png()])
        recorded.take(.pattern(pattern(1, doubts: ["announced after its onset"])))
        var late = image(1)
        (late.isLate, late.doubts) = (true, ["announced after its onset"])
        recorded.take(.reconstruction(late), payload: [try png()], after: 1)
        recorded.take(.status(status(volumes: 10)), after: 1)
        recorded.state.link.received = 26
        return recorded
    }
}
