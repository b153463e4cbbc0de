import Foundation
import Streaming
import Testing
import WireFormat

@Suite("percept watch", .enabled(if: PerceptProcess.executable != nil, "the executable is not built"))
struct WatchCommandTests {
    @Test("prints one picture of a session that is published, without escape sequences in a pipe")
    func once() async throws {
        let publisher = try await StreamPublisher(
            PublisherSettings(publish: "tcp://127.0.0.1:*", resend: "tcp://127.0.0.1:*")
        )
        let result = try await withThrowingTaskGroup(of: PerceptProcess.Result?.self) { group in
            let address = publisher.address
            group.addTask {
                // On a thread of its own: waiting for the process would hold up the publisher.
                try await withCheckedThrowingContinuation { continuation in
                    Thread.detachNewThread {
                        continuation.resume(
                            with: Result {
                                try PerceptProcess.run(
                                    ["watch", "--subscribe", address, "--once", "--wait", "30", "--width", "80"]
                                        + ["--height", "24"]
                                )
                            }
                        )
                    }
                }
            }
            group.addTask {
                var status = StatusBody(state: "running", source: "rehearsal")
                status.recording = StatusBody.Recording(state: "stopped", detail: "the disk is full")
                while true {
                    try publisher.publish(status, topic: .status, session: "ses-01", run: "run-1")
                    do { try await Task.sleep(for: .milliseconds(100)) } catch { return nil }
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        await publisher.close()
        #expect(result?.status == 0)
        let lines = result?.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) ?? []
        #expect(lines.count == 25)
        #expect(lines.first?.hasPrefix("percept watch  ses-01 / run-1") == true)
        #expect(lines.contains { $0.hasPrefix("RECORDING STOPPED: the disk is full") })
        #expect(result?.output.contains("\u{1b}") == false)
    }

    @Test("fails with a status of its own if nothing is published")
    func nothing() throws {
        let result = try PerceptProcess.run(["watch", "--subscribe", "tcp://127.0.0.1:9", "--once", "--wait", "0.3"])
        #expect(result.status == 69)
        #expect(result.error.contains("no status came"))
    }
}
