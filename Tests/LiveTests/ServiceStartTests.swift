import Foundation
import TestSupport
import Testing

@Suite("Starting perceptd")
struct ServiceStartTests {
    private func run(_ arguments: [String], settings: String = "", environment: [String: String] = [:]) async throws
        -> (status: Int32?, log: String, reason: Process.TerminationReason)
    {
        let service = try ServiceProcess("perceptd", settings: settings, environment: environment)
        service.process.arguments = arguments.map { $0 == "FILE" ? service.settingsFile.path : $0 }
        try service.start()
        let status = await service.end()
        let log = service.log.replacingOccurrences(of: service.folder.path + "/", with: "")
        return (status, log, service.process.terminationReason)
    }

    @Test(
        "without the right arguments says how",
        arguments: [[], ["--config"], ["--config", "x", "--log-level", "loud"]]
    )
    func usage(arguments: [String]) async throws {
        let (status, log, _) = try await run(arguments)
        #expect(status == 64)
        #expect(log.lowercased().contains("usage: perceptd --config <file>"))
    }

    @Test("without settings that can be read ends with 66 and one line")
    func missing() async throws {
        for path in ["/nonexistent.yaml", "/tmp", "/dev/null"] {
            let (status, log, reason) = try await run(["--config", path])
            #expect(status == 66)
            #expect(reason == .exit)
            #expect(log.hasPrefix("perceptd: \(path): "))
            #expect(log.split(separator: "\n").count == 1)
        }
    }

    @Test("with wrong settings ends with 78 and one line, or all with --check-config")
    func wrong() async throws {
        let settings = "bundel: a\nthreads:\n  niceness: 20\n"
        let first = "perceptd: perceptd.yaml:1:1: bundel: unknown key; did you mean bundle?"
        let (status, log, reason) = try await run(["--config", "FILE"], settings: settings)
        #expect(status == 78)
        #expect(reason == .exit)
        #expect(log == first + " (and 1 more; --check-config shows them)\n")
        let check = try await run(["--config", "FILE", "--check-config"], settings: settings)
        #expect(check.status == 78)
        #expect(
            check.log == first + "\n"
                + "perceptd: perceptd.yaml:3:13: threads.niceness: expected a whole number from 0 to 19, found \"20\"\n"
        )
        let journal = try await run(
            ["--config", "FILE"],
            settings: "\"\\n<0>a\": 1",
            environment: ["JOURNAL_STREAM": "8:1"]
        )
        #expect(journal.log.hasPrefix("<2>perceptd: "))
        #expect(journal.log.split(separator: "\n").count == 1)
    }

    @Test("finds right settings right")
    func right() async throws {
        let (status, log, _) = try await run(["--config", "FILE", "--check-config"], settings: "bundle: a\n")
        #expect(status == 0)
        #expect(log.isEmpty)
    }
}
