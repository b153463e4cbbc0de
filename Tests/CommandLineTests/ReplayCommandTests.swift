import Foundation
import Neuroimaging
import Sessions
import Testing

@Suite("percept replay")
struct ReplayCommandTests {
    /// A folder with a short run and its events.
    struct Recording {
        static let grid = VoxelGrid(
            shape: [6, 5, 4],
            affine: Affine(rows: [2, 0, 0, -6], [0, 3, 0, -4], [0, 0, 4, -1])
        )
        let folder: URL
        var run: String { path("sub-01_task-x_bold.nii") }

        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

        static func volume(_ number: Int) -> Volume {
            Volume(grid: grid, voxels: (0..<grid.count).map { Float(($0 * 31 + number * 7) % 1000) })
        }

        init(volumes: Int = 12) throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("replay-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let header = NIfTIHeader(grid: Self.grid, volumes: volumes, repetitionTime: 2, dataType: .int16)
            let writer = try NIfTIWriter(path: run, header: header)
            for number in 0..<volumes { try writer.append(Self.volume(number)) }
            try writer.finish()
            try "onset\tduration\ttrial_type\n4\t1\tface\n".write(
                toFile: path("sub-01_task-x_events.tsv"),
                atomically: true,
                encoding: .utf8
            )
        }
    }

    /// What the command says when it is done.
    struct Summary: Decodable {
        struct Injection: Decodable {
            var fault: String
            var volume: Int
        }

        var session: String
        var run: String
        var volumes: Int
        var sent: Int
        var events: Int
        var counts: [String: Int]
        var injections: [Injection]
    }

    @Test("writes volumes into a folder and says exactly which it left out")
    func folder() throws {
        let recording = try Recording()
        defer { try? FileManager.default.removeItem(at: recording.folder) }
        let out = recording.path("out")
        let arguments = [
            "replay", recording.run, "--protocol", "folder", "--address", out, "--speed", "max", "--fault", "drop:0.3",
            "--seed", "5", "--json",
        ]
        let result = try PerceptProcess.run(arguments)
        #expect(result.status == 0, "\(result.error)")
        let summary = try JSONDecoder().decode(Summary.self, from: Data(result.output.utf8))
        let lost = summary.injections.map(\.volume)
        #expect(summary.volumes == 12 && summary.run == "task-x" && summary.events == 0)
        #expect(summary.counts == ["drop": lost.count] && summary.sent == 12 - lost.count && !lost.isEmpty)
        for number in 0..<12 {
            let path = out + String(format: "/task-x_%05d.nii", number + 1)
            #expect(FileManager.default.fileExists(atPath: path) == !lost.contains(number))
            if !lost.contains(number) { #expect(try NIfTIReader(path: path).volume(0) == Recording.volume(number)) }
        }
        #expect(result.error.contains("fault drop at volume \(lost[0])"))
        let again = try JSONDecoder().decode(Summary.self, from: Data(try PerceptProcess.run(arguments).output.utf8))
        #expect(again.injections.map(\.volume) == lost)
    }

    @Test("publishes volumes and events, and a part of a run")
    func publish() throws {
        let recording = try Recording()
        defer { try? FileManager.default.removeItem(at: recording.folder) }
        let result = try PerceptProcess.run([
            "replay", recording.run, "--address", "tcp://127.0.0.1:*", "--speed", "max", "--volumes", "1-5", "--passes",
            "2", "--session", "s9", "--run", "r1", "--linger", "0", "--json",
        ])
        #expect(result.status == 0, "\(result.error)")
        let summary = try JSONDecoder().decode(Summary.self, from: Data(result.output.utf8))
        #expect(summary.session == "s9" && summary.run == "r1" && summary.volumes == 10 && summary.events == 2)
    }

    @Test("sends a recording of the daemon")
    func recorded() throws {
        let recording = try Recording()
        defer { try? FileManager.default.removeItem(at: recording.folder) }
        let file = recording.folder.appendingPathComponent("run-001.h5")
        let first = StoredVolume(Recording.volume(0))
        let description = RecordingDescription(
            session: "s1",
            run: "r7",
            repetitionTime: 2,
            grid: first.grid,
            dataType: first.dataType
        )
        let writer = try RecordingWriter(url: file, description: description)
        // Volume 2 was dealt with before volume 1.
        for (arrival, number) in [0, 2, 1].enumerated() {
            let volume = StoredVolume(Recording.volume(number))
            _ = try writer.append(RecordedVolume(index: number, arrival: arrival, receivedAt: 1, volume: volume))
        }
        try writer.close()
        let out = recording.path("out")
        let result = try PerceptProcess.run([
            "replay", file.path, "--protocol", "folder", "--address", out, "--speed", "max",
        ])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("replay/r7: 3 volumes, 3 sent"))
        for number in 0..<3 {
            let path = out + String(format: "/r7_%05d.nii", number + 1)
            #expect(try NIfTIReader(path: path).volume(0) == Recording.volume(number))
        }
    }

    @Test("says in one line what is wrong")
    func errors() throws {
        let recording = try Recording(volumes: 2)
        defer { try? FileManager.default.removeItem(at: recording.folder) }
        let status = { (arguments: [String]) in try PerceptProcess.run(["replay"] + arguments).status }
        #expect(try status([recording.run, "--fault", "fire:1"]) == 64)
        #expect(try status([recording.run, "--speed", "0"]) == 64)
        #expect(try status([recording.run, "--protocol", "folder"]) == 64)
        #expect(try status([recording.run, "--protocol", "afni", "--address", "127.0.0.1:x"]) == 64)
        let missing = try PerceptProcess.run(["replay", "/nonexistent.nii", "--address", "tcp://127.0.0.1:*"])
        #expect(missing.status == 66)
        // Off loopback only with keys.
        #expect(try status([recording.run, "--address", "tcp://0.0.0.0:0"]) == 78)
        let silent = try PerceptProcess.run([
            "replay", recording.run, "--address", "tcp://127.0.0.1:*", "--wait-for-subscriber", "--timeout", "0.1",
        ])
        #expect(silent.status == 69 && silent.error.contains("nobody subscribed"))
        let deaf = try PerceptProcess.run([
            "replay", recording.run, "--protocol", "afni", "--address", "127.0.0.1:1:1", "--timeout", "0.2",
        ])
        #expect(deaf.status == 75, "\(deaf.error)")
    }
}
