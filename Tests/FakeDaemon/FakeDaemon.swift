import Foundation
import Live
import Settings
import Streaming
import Synchronization

/// A daemon whose pipeline does nothing, or misbehaves as `FAKE_MODE` says: for tests of the shell around pipelines.
@main
struct FakeDaemon {
    static func main() async {
        let arguments = CommandLine.arguments
        let file = arguments.last ?? ""
        let mode = FakePipeline.Mode(rawValue: ProcessInfo.processInfo.environment["FAKE_MODE"] ?? "") ?? .good
        do {
            let journal = Journal(level: .debug)
            defer { journal.flush() }
            try await DaemonShell(settings: DaemonSettings(contentsOf: file), settingsFile: file, journal: journal) {
                settings,
                _,
                logger,
                onReady in
                if mode == .failsToLoad { throw LiveError(.bundle, settings.bundle ?? "", "has no mask") }
                if mode == .loadsForever { while true { Thread.sleep(forTimeInterval: 1) } }
                return FakePipeline(mode: mode, onReady: onReady)
            }
            .run()
        } catch {
            FailureLine(error).write()
            exit(ExitStatus(error).rawValue)
        }
    }
}

/// A pipeline that does nothing, in one of several ways.
final class FakePipeline: DaemonPipeline {
    enum Mode: String {
        /// It gets on, and stops when told.
        case good
        /// It does not load.
        case failsToLoad
        /// It loads and loads.
        case loadsForever
        /// Its port is in use.
        case fails
        /// It ends without being told.
        case ends
        /// A second after it is ready, its lane is stuck.
        case hangs
        /// A second after it is ready, all threads for tasks are blocked.
        case blocksTasks
        /// A second after it is ready, it writes to no address.
        case crashes
        /// It does not stop, nor take notice of being cancelled.
        case neverStops
    }

    let progress = ProgressMonitor()
    private let mode: Mode
    private let onReady: @Sendable () -> Void
    private let isStopped = Mutex(false)
    private let level = Mutex("")

    init(mode: Mode, onReady: @escaping @Sendable () -> Void) { (self.mode, self.onReady) = (mode, onReady) }

    func run() async throws {
        let lane = progress.lane("volumes", limit: .milliseconds(300))
        if mode == .fails { throw StreamingError(.address, "tcp://127.0.0.1:5570", "is in use; choose another") }
        onReady()
        let start = SuspendingClock().now
        while !isStopped.withLock({ $0 }) || mode == .neverStops {
            if start.duration(to: SuspendingClock().now) > .seconds(1) { await misbehave() }
            if mode == .ends { return }
            lane.advance()
            // Being cancelled must not make this a busy loop.
            await Task.detached { try? await Task.sleep(for: .milliseconds(20)) }.value
        }
        lane.rest()
    }

    private func misbehave() async {
        switch mode {
        case .hangs: while !isStopped.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(20)) }
        case .blocksTasks:
            for _ in 0..<64 { Task.detached { Self.block() } }
            Self.block()
        case .crashes: raise(SIGSEGV)
        default: break
        }
    }

    private static func block() { while true { sleep(1) } }

    func stop() async { isStopped.withLock { $0 = true } }

    func reload(_ settings: DaemonSettings) async -> [String] {
        level.withLock { $0 = settings.logLevel }
        return ["decoding.enabled"]
    }

    func statusLine() async -> String { "run 1, level \(level.withLock { $0 })" }
}
