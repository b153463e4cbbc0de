import Foundation
import Neuroimaging
import Sessions
import Testing

@Suite("percept sessions")
struct SessionsCommandTests {
    private let folder: URL
    private let log: SessionLog
    private let writer: RecordingWriter

    /// A session that another process, this one, is still recording.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sessions-\(UUID().uuidString)")
        let store = SessionStore(folder: folder.appendingPathComponent("state"))
        log = try store.openLog()
        let session = try log.insert(
            SessionRecord(
                name: "visit 1",
                subject: "07",
                startedAt: 1.7e9,
                software: "percept 0.1",
                configurationHash: "c",
                configuration: ""
            )
        )
        let grid = VoxelGrid(shape: [4, 3, 2], affine: .scaling([2, 2, 2]))
        let run = try log.insert(
            RunRecord(
                sessionID: #require(session.id),
                name: "1",
                task: "seeing",
                startedAt: 1.7e9,
                repetitionTime: 1.5,
                plannedVolumes: 300,
                grid: grid,
                processing: "{}"
            )
        )
        let url = try store.nextRecording(session: "visit 1", run: "1")
        writer = try RecordingWriter(
            url: url,
            description: RecordingDescription(
                session: "visit 1",
                run: "1",
                repetitionTime: 1.5,
                grid: grid,
                dataType: .float32
            )
        )
        for index in 0..<3 {
            let volume = StoredVolume(Volume(grid: grid, voxels: (0..<24).map { Float($0 * (index + 1)) }))
            let recorded = RecordedVolume(index: index, arrival: index, receivedAt: 1.7e9, volume: volume)
            var row = VolumeRecord(
                runID: try #require(run.id),
                arrival: index,
                index: index,
                status: .processed,
                receivedAt: 1.7e9
            )
            (row.recording, row.place) = (url.lastPathComponent, try writer.append(recorded))
            (row.checksum, row.latencies) = (volume.checksum, ["total": 12.5])
            try writer.flush()
            try log.insert(row)
        }
    }

    private func percept(_ arguments: String...) throws -> PerceptProcess.Result {
        let state = folder.appendingPathComponent("state").path
        return try PerceptProcess.run(["sessions"] + arguments + ["--state", state])
    }

    @Test("lists, shows and checks a session while another process records it")
    func show() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let list = try percept("list")
        #expect(list.status == 0, "\(list.error)")
        #expect(list.output.contains(#/visit 1 +07 +2023-11-14T22:13:20Z +1 +3 +0 +0 +/#))
        let show = try percept("show", "visit 1", "--check")
        #expect(show.status == 0, "\(show.error)")
        #expect(show.output.contains("run 1, task seeing, TR 1.50 s, running"))
        #expect(show.output.contains("volumes: 3 processed, of 300 planned; 3 recorded"))
        #expect(show.output.contains(/volume total +12.5 +12.5 +12.5 +12.5 +3/))
        let json = try percept("show", "visit 1", "--json")
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect((object?["runs"] as? [[String: Any]])?.first?["recordedVolumes"] as? Int == 3)
    }

    @Test("exports a session, and refuses what is not there or in the way")
    func export() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let out = folder.appendingPathComponent("out")
        let export = try percept("export", "visit 1", "--out", out.path)
        #expect(export.status == 0, "\(export.error)")
        let image = "sub-07/ses-visit1/func/sub-07_ses-visit1_task-seeing_run-01_bold.nii.gz"
        let reader = try NIfTIReader(path: out.appendingPathComponent(image).path)
        #expect(try reader.volume(2).voxels == (0..<24).map { Float($0 * 3) })
        #expect(try percept("export", "visit 1", "--out", out.path, "--format", "csv").status == 65)
        let missing = try percept("show", "visit 2")
        #expect(missing.status == 66 && missing.error.contains("there are visit 1"))
        try log.close()
        #expect(try PerceptProcess.run(["sessions", "list", "--state", "/nowhere"]).status == 66)
    }
}
