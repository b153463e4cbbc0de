import Foundation

/// A `perceptd` of our own: the one that was built beside this program.
final class DaemonProcess: Sendable {
    /// Where its log goes.
    let log: URL
    private let process: Process
    /// Ends when this program does, however it ends, and the daemon with it.
    private let input = Pipe()
    /// Is ended with the process.
    private let endings: AsyncStream<Void>

    /// How long it has to stop before it is killed, in s; it promises 5.
    private static let longestStop = 10.0

    /// Starts it.
    ///
    /// - Parameters:
    ///   - settings: Its settings file.
    ///   - log: The file for its log, which is made anew.
    init(settings: URL, log: URL) throws {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let executable = own.deletingLastPathComponent().appendingPathComponent("perceptd")
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw CommandFailure(
                .unavailable,
                "\(executable.path): is not there; build it with swift build -c release --product perceptd"
            )
        }
        guard FileManager.default.createFile(atPath: log.path, contents: nil) else {
            throw CommandFailure(.cannotCreate, "\(log.path): cannot be written")
        }
        let output = try FileHandle(forWritingTo: log)
        let process = Process()
        process.executableURL = executable
        process.arguments = ["--config", settings.path, "--stop-with-input"]
        process.standardInput = input
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, output)
        let (endings, ending) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in ending.finish() }
        do {
            try process.run()
        } catch {
            throw CommandFailure(.unavailable, "\(executable.path): cannot be started: \(error.localizedDescription)")
        }
        try? output.close()
        (self.log, self.process, self.endings) = (log, process, endings)
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// The number of the process.
    var identifier: Int32 { process.processIdentifier }

    /// Waits until it ends, and throws its last words.
    ///
    /// To be called once, by a task that is cancelled before it is told to stop.
    func failure() async throws {
        for await _ in endings {}
        try Task.checkCancellation()
        let lines = lastLines(5)
        throw CommandFailure(
            .unavailable,
            "perceptd ended with status \(process.terminationStatus)"
                + (lines.isEmpty ? "" : "; its last words: " + lines.joined(separator: " | "))
        )
    }

    /// The last lines of its log.
    func lastLines(_ count: Int) -> [String] {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return text.split(whereSeparator: \.isNewline).suffix(count).map(String.init)
    }

    /// Tells it to stop and waits until it has; what does not stop is killed.
    ///
    /// It is stopped in any case, also in a task that was cancelled.
    /// - Returns: its exit status.
    @discardableResult
    func stop() async -> Int32 {
        let process = process
        return await withCheckedContinuation { continuation in
            // On a thread of its own, which no cancellation hurries.
            Thread.detachNewThread {
                if process.isRunning { kill(process.processIdentifier, SIGTERM) }
                let end = Date(timeIntervalSinceNow: Self.longestStop)
                while process.isRunning, Date() < end { Thread.sleep(forTimeInterval: 0.01) }
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
                process.waitUntilExit()
                continuation.resume(returning: process.terminationStatus)
            }
        }
    }
}
