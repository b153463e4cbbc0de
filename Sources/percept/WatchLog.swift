import Foundation
import Synchronization
import Terminal
import Threading

/// Events of a session as lines on standard output.
struct WatchLog {
    var target: WatchTarget

    /// Writes lines until the process is ended.
    func run() async throws {
        let output = LineOutput()
        let session = try await WatchSession(target) { fault in
            let word = fault.code == .connected ? "connection" : "fault: \(fault.code.rawValue)"
            output.say(EventLines.line("\(word): \(fault.subject) \(fault.detail)", at: Date().timeIntervalSince1970))
        }
        async let writing: Void = output.run()
        var lines = EventLines()
        var missed = 0
        await session.follow(also: { message in
            for line in lines.lines(message.stamp, message.content) { output.say(line) }
            let link = session.snapshot.link
            let lost = link.missed + link.dropped
            if lost > missed {
                output.say(EventLines.line("fault: messages missed: \(lost - missed)", at: message.arrival.time))
                missed = lost
            }
        })
        output.finish()
        await writing
        await session.close()
    }
}

/// Lines on standard output, written on a thread of their own: a reader that is slow holds nobody up.
private final class LineOutput: Sendable {
    private actor Writer {
        private let thread = ThreadExecutor(name: "output")
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        func write(_ line: String) {
            // A closed pipe ends the process by its signal, any other failure is nobody's to hear.
            try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
        }
    }

    private let (lines, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1024))
    private let dropped = Atomic(0)

    /// Has a line written; if the reader is too slow, the oldest that waits is dropped and counted.
    func say(_ line: String) {
        if case .dropped = continuation.yield(line) { dropped.add(1, ordering: .relaxed) }
    }

    /// Writes lines until ``finish()``.
    func run() async {
        let writer = Writer()
        for await line in lines {
            await writer.write(line)
            let count = dropped.exchange(0, ordering: .relaxed)
            if count > 0 { await writer.write("\(count) lines were left out: the reader is slow") }
        }
    }

    /// Ends after the lines that wait.
    func finish() { continuation.finish() }
}
