import Foundation
import Images
import Neuroimaging
import Settings
import Simulation
import TestSupport
import Testing

/// A demo's folder with a small head, few images and a small decoder of random weights.
private struct SmallDemo {
    static let settings = """
        acquisition: {matrix: 20, slices: 14, voxelSize: 11, sliceThickness: 11, repetitionTime: 2, multiband: 1}
        stimuli: {duration: 2, interval: 6, leadIn: 6, leadOut: 12}
        """
    static let images = 4
    let folder: TemporaryFolder
    var data: String { folder.path("data") }
    var out: String { folder.path("out") }
    var result: URL { URL(fileURLWithPath: out).appendingPathComponent("demo-001") }

    init() throws {
        folder = try TemporaryFolder()
        let (data, bundle) = (URL(fileURLWithPath: folder.path("data")), folder.path("data/small.percept"))
        let stimuli = data.appendingPathComponent("stimuli")
        try FileManager.default.createDirectory(at: stimuli, withIntermediateDirectories: true)
        let shown = try (0..<Self.images).map { number in
            var bytes: [UInt8] = []
            for pixel in 0..<28 * 28 {
                let (y, x) = (pixel / 28, pixel % 28)
                let stripe = (y / (number + 1) + x * number) % 8
                bytes += [UInt8](repeating: UInt8(stripe * 32), count: 3)
            }
            let image = Image8(height: 28, width: 28, bytes: bytes)
            try PNG.write(image, to: stimuli.appendingPathComponent("image-\(number).png"))
            return SimulatedStimulus(name: "image-\(number).png", image: GreyImage(image), category: nil)
        }
        try Data(Self.settings.utf8).write(to: data.appendingPathComponent("simulation.yaml"))
        let run = try SimulatedRun(SimulationSettings(yaml: Self.settings, file: "small"), stimuli: shown)
        try SmallDecoder.write(to: URL(fileURLWithPath: bundle), SmallScan())
        // The region and the reference are those of the small head.
        var mask = run.areas()
        mask.voxels = mask.voxels.map { $0 > 0 ? 1 : 0 }
        let voxels = mask.voxels.count { $0 > 0 }
        try #require((1...SmallDecoder.voxels).contains(voxels), "\(voxels) voxels do not fit the small decoder")
        try NIfTIWriter.write(mask, to: bundle + "/mask.nii.gz", dataType: .uint8)
        try NIfTIWriter.write(run.volume(0).volume, to: bundle + "/reference.nii.gz")
    }

    /// Starts it at the scanner's pace; returns once its daemon is there.
    func start() async throws -> Process {
        let process = try PerceptProcess.start(["demo", "--data", data, "--out", out, "--speed", "1", "--threads", "1"])
        #expect(await eventually(within: 60) { !daemons.isEmpty })
        return process
    }

    /// The daemons that were started with this demo's settings and still run.
    var daemons: [Int32] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
        return processes.filter { process in
            let text = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
            return text.contains("perceptd") && text.contains(result.path)
        }
    }
}

@Suite("percept demo", .enabled(if: PerceptProcess.executable != nil, "the executable is not built"), .serialized)
struct DemoCommandTests {
    /// What `demo.json` says.
    private struct Record: Decodable {
        struct Participant: Decodable {
            var isSimulated: Bool
            var speed: Double
        }
        struct Counts: Decodable {
            var shown: Int
            var decoded: Int
        }
        struct Volumes: Decodable {
            var received: Int
            var processed: Int
        }
        struct Replay: Decodable { var volumes: Int }
        struct Score: Decodable {
            var quantity: String
            var chance: Double?
        }
        struct Trial: Decodable {
            var trial: Int
            var stimulus: String
        }
        struct Latency: Decodable { var median: Double }

        var participant: Participant
        var counts: Counts
        var volumes: Volumes
        var replay: Replay
        var scores: [Score]
        var trials: [Trial]
        var latencies: [String: Latency]
    }

    @Test("decodes every image of a simulated scan over the wire, scores them, and leaves files and no process")
    func whole() throws {
        let demo = try SmallDemo()
        let result = try PerceptProcess.run([
            "demo", "--data", demo.data, "--out", demo.out, "--speed", "20", "--sampler", "ddim", "--steps", "4",
            "--threads", "1",
        ])
        let log = (try? String(contentsOf: demo.result.appendingPathComponent("perceptd.log"), encoding: .utf8)) ?? ""
        try #require(result.status == 0, "\(result.error)\n\(log)")
        #expect(demo.daemons.isEmpty)

        let json = try Data(contentsOf: demo.result.appendingPathComponent("demo.json"))
        let record = try JSONDecoder().decode(Record.self, from: json)
        #expect(record.participant.isSimulated && record.participant.speed == 20)
        #expect(record.counts.shown == SmallDemo.images && record.counts.decoded == SmallDemo.images)
        #expect(record.replay.volumes > 0 && record.volumes.received == record.replay.volumes)
        #expect(record.volumes.processed == record.replay.volumes)
        #expect(record.trials.map(\.trial) == Array(0..<SmallDemo.images))
        #expect(Set(record.trials.map(\.stimulus)) == Set((0..<SmallDemo.images).map { "image-\($0).png" }))
        let chance = Dictionary(record.scores.map { ($0.quantity, $0.chance) }, uniquingKeysWith: { $1 })
        #expect(chance["identification"] == 0.5 && chance["firstOfAll"] == 0.25)
        #expect(record.latencies["volume"] != nil && record.latencies["image"] != nil)

        let pictures = demo.result.appendingPathComponent("reconstructions").path
        #expect(try FileManager.default.contentsOfDirectory(atPath: pictures).count == SmallDemo.images)
        let sheet = try PNG.read(demo.result.appendingPathComponent("contact-sheet.png"))
        #expect(sheet.width > SmallDemo.images * 2 * 28 * 3)

        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines.count { $0.contains("after its pattern") } == SmallDemo.images)
        #expect(lines.contains { $0.contains("SIMULATED") })
        #expect(lines.contains { $0.hasPrefix("Pair-wise identification") })
        #expect(!result.output.contains("\u{1b}"))
    }

    @Test("stops its daemon when it is interrupted")
    func interrupted() async throws {
        let demo = try SmallDemo()
        let process = try await demo.start()
        // It has taken over the handling of signals once the daemon is there to be stopped.
        try await Task.sleep(for: .seconds(1))
        process.interrupt()
        #expect(await eventually(within: 60) { !process.isRunning })
        #expect(process.terminationStatus == 130 && process.terminationReason == .exit)
        #expect(demo.daemons.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: demo.result.appendingPathComponent("demo.json").path))
    }

    @Test("leaves no daemon behind even if it is killed")
    func killed() async throws {
        let demo = try SmallDemo()
        let process = try await demo.start()
        kill(process.processIdentifier, SIGKILL)
        #expect(await eventually(within: 60) { demo.daemons.isEmpty })
    }

    @Test("says what the daemon said when it cannot work")
    func broken() throws {
        let demo = try SmallDemo()
        try FileManager.default.removeItem(atPath: demo.data + "/small.percept/mask.nii.gz")
        let result = try PerceptProcess.run(["demo", "--data", demo.data, "--out", demo.out])
        #expect(result.status == 69)
        #expect(result.error.contains("perceptd ended with status") && result.error.contains("mask"))
        #expect(demo.daemons.isEmpty)
    }

    @Test("needs a folder with a bundle, images and a participant")
    func nothing() throws {
        let folder = try TemporaryFolder()
        let result = try PerceptProcess.run(["demo", "--data", folder.path("none"), "--out", folder.path("out")])
        #expect(result.status == 66 && result.error.contains("--data"))
    }
}
