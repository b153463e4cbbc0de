import Foundation
import SharedMaterial
import Testing

@Suite("percept inspect")
struct InspectCommandTests {
    @Test("a path that does not exist is missing input, in one line on standard error")
    func missing() throws {
        let result = try PerceptProcess.run(["inspect", "/nonexistent/file.pth"])
        #expect(result.status == 66)
        #expect(result.output.isEmpty)
        #expect(result.error == "percept: /nonexistent/file.pth: there is no such file or folder\n")
    }

    @Test("a file of another format is bad data")
    func otherFormat() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pth")
        try Data("this is not a checkpoint".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let result = try PerceptProcess.run(["inspect", file.path])
        #expect(result.status == 65)
        #expect(result.error.hasPrefix("percept: \(file.path)"))
        #expect(result.error.split(separator: "\n").count == 1)
    }

    @Test("no path is a usage error")
    func noPath() throws {
        #expect(try PerceptProcess.run(["inspect"]).status == 64)
    }

    @Test(
        "names the networks of checkpoints of both phases and their sizes",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)")
    )
    func networks() throws {
        let first = try PerceptProcess.run([
            "inspect", try SharedMaterial.url("fixtures/fmri_mae/phase1_checkpoint.pth").path,
        ])
        #expect(first.status == 0)
        #expect(
            first.output.contains("fMRI masked autoencoder (phase 1): 160 voxels in 10 patches, width 32, 2 blocks")
        )
        let second = try PerceptProcess.run([
            "inspect", try SharedMaterial.url("fixtures/phase2/phase2_checkpoint.pth").path,
        ])
        #expect(second.output.contains("(phase 2)"))
        let tuned = try PerceptProcess.run(["inspect", try SharedMaterial.url("fixtures/ldm/finetuned.pth").path])
        #expect(tuned.output.contains("77 tokens of width 16"))
    }

    @Test(
        "JSON lists every array with its shape and type",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)")
    )
    func json() throws {
        let result = try PerceptProcess.run([
            "inspect", "--json", try SharedMaterial.url("fixtures/vq/vq_legacy.pth").path,
        ])
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        let arrays = try #require(object?["arrays"] as? [[String: Any]])
        #expect(arrays.count == 7)
        #expect(arrays[0]["name"] as? String == "encoder.conv_in.weight")
        #expect(arrays[0]["shape"] as? [Int] == [32, 3, 3, 3])
        #expect(arrays[0]["type"] as? String == "float32")
    }
}
