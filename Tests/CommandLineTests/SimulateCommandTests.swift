import Foundation
import Images
import Neuroimaging
import Sessions
import TestSupport
import Testing

@Suite("percept simulate")
struct SimulateCommandTests {
    private static let small = [
        "acquisition.matrix=16", "acquisition.slices=8", "acquisition.voxelSize=12", "acquisition.sliceThickness=12",
        "cortex.siteSpacing=12", "cortex.pointSpread=10", "stimuli.leadOut=6", "noise.smoothness=0",
    ]
    .flatMap { ["--set", $0] }

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let images = folder.url.appendingPathComponent("pictures")
        try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
        for number in 0..<4 {
            var image = Image8(height: 12, width: 12)
            for index in 0..<12 { image[index, 3 * number, 0] = 255 }
            try PNG.write(image, to: images.appendingPathComponent("bar-\(number).png"))
        }
    }

    private func simulate(_ arguments: String...) throws -> PerceptProcess.Result {
        try PerceptProcess.run(["simulate", "--stimuli", "folder:\(folder.path("pictures"))"] + Self.small + arguments)
    }

    @Test("writes a BIDS run with events, images and the truth, and what the daemon would record of it")
    func files() throws {
        let result = try simulate("--out", folder.path("sim"), "--recording")
        #expect(result.status == 0, "\(result.error)")
        let stem = folder.path("sim/sub-sim/ses-01/func/sub-sim_ses-01_task-viewing_run-1")
        let run = try AcquiredRun(path: stem + "_bold.nii.gz")
        #expect(run.repetitionTime == 1.5)
        let events = try EventTable(contentsOf: URL(fileURLWithPath: stem + "_events.tsv")).events
        #expect(Set(events.compactMap(\.stimulusFile)) == Set((0..<4).map { "bar-\($0).png" }))
        for event in events {
            let image = folder.path("sim/stimuli/\(try #require(event.stimulusFile))")
            #expect(FileManager.default.fileExists(atPath: image))
        }
        let recording = try RecordingReader(url: URL(fileURLWithPath: folder.path("sim/ses-01_run-1.h5")))
        #expect(recording.indices == Array(0..<run.count))
        for place in [0, run.count - 1] {
            #expect(try recording.volume(place).volume.volume.voxels == run.volume(place).voxels)
        }
        let mask = try Mask(NIfTIReader(path: folder.path("sim/truth/mask.nii.gz")).volume(0))
        #expect(mask.grid.matches(run.grid))
        let motion = try String(contentsOfFile: folder.path("sim/truth/ses-01_run-1_motion.tsv"), encoding: .utf8)
        #expect(motion.split(separator: "\n").count == run.count + 1)
    }

    @Test("gives each run images of its own, and says when there are too few")
    func runs() throws {
        #expect(try simulate("--out", folder.path("sim"), "--runs", "2", "--trials", "2").status == 0)
        let stem = folder.path("sim/sub-sim/ses-01/func/sub-sim_ses-01_task-viewing_run-")
        let shown = try [1, 2].map { run in
            let events = try EventTable(contentsOf: URL(fileURLWithPath: stem + "\(run)_events.tsv")).events
            return Set(events.compactMap(\.stimulusFile))
        }
        #expect(shown[0].isDisjoint(with: shown[1]) && shown[0].count == 2 && shown[1].count == 2)
        let result = try simulate("--out", folder.path("sim"), "--runs", "3", "--trials", "2")
        #expect(result.status == 64 && result.error.contains("too few"))
    }

    @Test("says what cannot be simulated, with the setting and the remedy")
    func impossible() throws {
        let result = try simulate("--out", folder.path("sim"), "--set", "noise.thermalShare=0.9")
        #expect(result.status == 78 && result.error.contains("noise"), "\(result.error)")
        let unknown = try simulate("--out", folder.path("sim"), "--set", "noise.thermalShar=0.9")
        #expect(unknown.status == 78 && unknown.error.contains("did you mean thermalShare?"), "\(unknown.error)")
    }

    @Test("has the defaults that its settings file documents")
    func defaults() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Config/simulation.yaml")
        let stimuli = ["simulate", "--stimuli", "folder:\(folder.path("pictures"))", "--show-settings"]
        let documented = try PerceptProcess.run(stimuli + ["--settings", file.path])
        let defaults = try PerceptProcess.run(stimuli)
        #expect(documented.status == 0 && documented.output == defaults.output)
        // Every key is in the file.
        let text = try String(contentsOf: file, encoding: .utf8)
        for line in defaults.output.split(separator: "\n") {
            let key = line.split(separator: ":")[0].split(separator: ".").last.map(String.init) ?? ""
            #expect(text.contains("\(key):"), "\(key)")
        }
    }
}
