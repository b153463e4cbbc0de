import Foundation
import TestSupport
import Testing

@Suite("percept doctor")
struct DoctorCommandTests {
    private struct Finding: Decodable {
        let level: String
        let subject: String
        let detail: String
        let remedy: String
    }

    private let folder: TemporaryFolder
    /// A port that was free a moment ago, with the one after it.
    private let port = Int.random(in: 20_000..<30_000)

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path("state"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: folder.path("scanner"), withIntermediateDirectories: true)
        try SmallDecoder.write(to: folder.url.appendingPathComponent("small.percept"), SmallScan(volumes: 2))
    }

    private func settings(_ more: String = "") -> String {
        """
        bundle: small.percept
        state: state
        input: {kind: folder, path: scanner}
        output: {publish: "tcp://127.0.0.1:\(port)"}
        recording: {queue: 1 MiB, freeSpace: 0}
        \(more)
        """
    }

    private func examine(_ settings: String, _ options: [String] = []) throws -> (status: Int32, findings: [Finding]) {
        let file = folder.path("perceptd.yaml")
        try Data(settings.utf8).write(to: URL(fileURLWithPath: file))
        let result = try PerceptProcess.run(["doctor", "--config", file, "--json"] + options)
        return (result.status, try JSONDecoder().decode([Finding].self, from: Data(result.output.utf8)))
    }

    @Test("finds nothing that a scan could fail of where everything is right")
    func right() throws {
        let (status, findings) = try examine(settings(), ["--deep", "--listen", "0.1"])
        #expect(findings.filter { $0.level == "failed" }.map(\.detail) == [])
        #expect(status == 0)
        let subjects = findings.map(\.subject)
        for subject in [
            "settings", "processors", "memory", "clock", "threads", "bundle", "digests", "geometry", "keys",
            "input.path", "output.publish", "output.resend", "space", "disk", "log", "peer",
        ] {
            #expect(subjects.contains(subject), "\(subject)")
        }
        for finding in findings where finding.level != "ok" { #expect(!finding.remedy.isEmpty, "\(finding.subject)") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("state")).isEmpty)
    }

    @Test("names each mistake of the settings, and ends with 78")
    func settingsWrong() throws {
        let (status, findings) = try examine("bundel: a\nthreads: {niceness: 20}\n")
        #expect(status == 78)
        #expect(findings.count == 2)
        #expect(findings.allSatisfy { $0.level == "failed" && $0.subject == "settings" })
    }

    @Test("tells a bundle that is not there, a folder that is not there and keys that are none")
    func missing() throws {
        try Data("no key".utf8).write(to: URL(fileURLWithPath: folder.path("key")))
        let text = settings("security: {key: key, allowed: [./peers]}")
            .replacingOccurrences(of: "small", with: "other").replacingOccurrences(of: "scanner", with: "nowhere")
        let (status, findings) = try examine(text)
        #expect(status == 78)
        let failed = findings.filter { $0.level == "failed" }.map(\.subject)
        #expect(failed == ["bundle", "preprocessing", "keys", "keys", "input.path"])
        #expect(findings.contains { $0.level == "warning" && $0.detail.hasPrefix("others can read") })
    }

    @Test("tells a port that is in use, and ends with 69")
    func portInUse() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> UInt16 in
                guard bind(descriptor, generic, length) == 0, listen(descriptor, 1) == 0 else { return 0 }
                getsockname(descriptor, generic, &length)
                return UInt16(bigEndian: pointer.pointee.sin_port)
            }
        }
        let text = settings().replacingOccurrences(of: ":\(port)", with: ":\(number)")
            .replacingOccurrences(of: "output: {", with: "output: {resend: \"tcp://127.0.0.1:\(port)\", ")
        let (status, findings) = try examine(text)
        #expect(status == 69)
        #expect(findings.filter { $0.level == "failed" }.map(\.subject) == ["output.publish"])
    }
}
