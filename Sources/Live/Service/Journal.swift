import Foundation
import Logging
import Synchronization
import Threading

/// Where a process's log goes: lines on a file descriptor, written by a thread of their own.
///
/// To log never waits: if the reader of the log does not read, lines are dropped and counted.
public final class Journal: Sendable {
    private struct State {
        var level: Logger.Level
        var repetitions = LogRepetitions()
        var lines: [String] = []
        var lost = 0
        /// Lines that were handed to the thread and are not written yet.
        var unwritten = 0
        var isClosed = false
    }

    /// The most lines that wait for the thread.
    private static let mostLines = 4096

    private let descriptor: Int32
    private let hasPriorities: Bool
    private let state: Mutex<State>
    private let wake = DispatchSemaphore(value: 0)
    private let now: @Sendable () -> SuspendingClock.Instant

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - descriptor: Where lines go; by default standard error. It stays open.
    ///   - level: The least important messages that are written.
    ///   - hasPriorities: Whether lines begin with `<N>`; by default if journald reads them.
    ///   - now: The time for the rate of repetitions.
    public init(
        descriptor: Int32 = STDERR_FILENO,
        level: Logger.Level = .info,
        hasPriorities: Bool = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil,
        now: @escaping @Sendable () -> SuspendingClock.Instant = { SuspendingClock().now }
    ) {
        (self.descriptor, self.hasPriorities, self.now) = (descriptor, hasPriorities, now)
        state = Mutex(State(level: level))
        let thread = Thread { [self] in run() }
        thread.stackSize = 512 << 10
        thread.start()
    }

    /// A logger that writes here.
    public func logger(_ label: String) -> Logger { Logger(label: label) { _ in JournalLogHandler(self) } }

    /// The least important messages that are written.
    public var level: Logger.Level {
        get { state.withLock { $0.level } }
        set { state.withLock { $0.level = newValue } }
    }

    /// Writes one message, unless it repeats a warning too often.
    func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
        var values = metadata
        if level == .warning {
            let verdict = state.withLock { $0.repetitions.admit(message, at: now()) }
            guard case .write(let suppressed) = verdict else { return }
            if suppressed > 0 { values["suppressed"] = "\(suppressed)" }
        }
        put(level, LogLine.text(message, values))
    }

    /// Says how many warnings were held back since they were last written; to be called now and then.
    public func reportSuppressed() {
        for (message, count) in state.withLock({ $0.repetitions.takeSuppressed(at: now()) }) {
            put(.warning, LogLine.text(message, ["suppressed": "\(count)"]))
        }
    }

    /// Waits until all lines are written, at most for a while.
    public func flush(for patience: Duration = .seconds(1)) {
        let end = SuspendingClock().now + patience
        while state.withLock({ $0.unwritten > 0 }), SuspendingClock().now < end { usleep(1000) }
    }

    /// Ends the thread once all lines are written.
    public func close() {
        state.withLock { $0.isClosed = true }
        wake.signal()
    }

    private func put(_ level: Logger.Level, _ text: String) {
        let line =
            hasPriorities
            ? "<\(LogLine.priority(level))>\(text)\n" : "\(Date().formatted(Self.time)) \(level) \(text)\n"
        state.withLock { state in
            if state.isClosed || state.unwritten >= Self.mostLines {
                state.lost += 1
            } else {
                state.lines.append(line)
                state.unwritten += 1
            }
        }
        wake.signal()
    }

    private static var time: Date.ISO8601FormatStyle { Date.ISO8601FormatStyle(includingFractionalSeconds: true) }

    private func run() {
        while true {
            wake.wait()
            let (lines, lost, isClosed) = state.withLock { state in
                defer { (state.lines, state.lost) = ([], 0) }
                return (state.lines, state.lost, state.isClosed)
            }
            for line in lines {
                writeAll(line)
                state.withLock { $0.unwritten -= 1 }
            }
            if lost > 0 {
                let text = LogLine.text("log messages were lost because nobody read them", ["count": "\(lost)"])
                writeAll((hasPriorities ? "<4>" : "") + text + "\n")
            }
            if isClosed, lines.isEmpty { return }
            if isClosed { wake.signal() }
        }
    }

    private func writeAll(_ line: String) {
        var bytes = Array(line.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

/// Counts repeated warnings: of each message, the first few in a while are written.
struct LogRepetitions {
    /// What happens to a message.
    enum Verdict: Equatable {
        /// It is written, with the number of those before it that were not.
        case write(suppressed: Int)
        /// It is counted.
        case suppress
    }

    /// How many of a message are written in a while.
    static let most = 10
    /// The while.
    static let period = Duration.seconds(10)
    /// Beyond, messages are not told apart: they are constant, so there are far fewer.
    private static let mostMessages = 1000

    private struct Entry {
        var start: SuspendingClock.Instant
        var written = 0
        var suppressed = 0
    }
    private var entries: [String: Entry] = [:]

    mutating func admit(_ message: String, at now: SuspendingClock.Instant) -> Verdict {
        let key = entries.count < Self.mostMessages || entries[message] != nil ? message : ""
        var entry = entries[key] ?? Entry(start: now)
        defer { entries[key] = entry }
        if entry.start.duration(to: now) >= Self.period {
            let suppressed = entry.suppressed
            entry = Entry(start: now, written: 1)
            return .write(suppressed: suppressed)
        }
        if entry.written < Self.most {
            entry.written += 1
            return .write(suppressed: 0)
        }
        entry.suppressed += 1
        return .suppress
    }

    /// The messages that were held back and whose while is over, which begin anew.
    mutating func takeSuppressed(at now: SuspendingClock.Instant) -> [(String, Int)] {
        let over = entries.filter { $0.value.start.duration(to: now) >= Self.period }
        for key in over.keys { entries[key] = nil }
        return over.filter { $0.value.suppressed > 0 }.map { ($0.key, $0.value.suppressed) }.sorted { $0.0 < $1.0 }
    }
}
