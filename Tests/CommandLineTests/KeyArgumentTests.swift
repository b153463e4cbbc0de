import Foundation
import Streaming
import Testing

@Suite("Public keys as arguments", .enabled(if: PerceptProcess.executable != nil, "the executable is not built"))
struct KeyArgumentTests {
    /// One key in 85 begins so.
    private func keyWithDash() throws -> CurveKeyPair {
        for _ in 0..<10_000 {
            let keys = try CurveKeyPair()
            if keys.publicKey.hasPrefix("-") { return keys }
        }
        throw CocoaError(.featureUnsupported)
    }

    @Test("may begin with a dash, as that of the daemon that is watched")
    func publisher() throws {
        let keys = try keyWithDash()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).key").path
        try keys.write(to: file)
        let result = try PerceptProcess.run(
            ["watch", "--subscribe", "tcp://127.0.0.1:9", "--once", "--wait", "0.3", "--key", file]
                + ["--publisher", keys.publicKey]
        )
        #expect(result.status == 69)
        #expect(result.error.contains("no status came"))
        try FileManager.default.removeItem(atPath: file)
    }

    @Test("may begin with a dash, as those of peers that are allowed")
    func allowed() throws {
        let keys = try (keyWithDash().publicKey, keyWithDash().publicKey)
        let simulate = ["simulate", "--stream", "tcp://127.0.0.1:*", "--stimuli", "folder:no-such"]
        for command in [simulate, ["replay", "no-such-run.nii"]] {
            let result = try PerceptProcess.run(
                command + ["--key", "no-such.key", "--allow", keys.0, "--allow", keys.1]
            )
            // What is wrong is the file, not the way that it is called.
            #expect(result.status != 64 && result.status != 0, "\(result.error)")
            #expect(result.error.contains("no-such"), "\(result.error)")
        }
    }
}
