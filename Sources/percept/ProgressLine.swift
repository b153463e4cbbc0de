import Foundation
import Synchronization

/// Progress on standard error: done of total, rate and time left.
///
/// On a terminal the line rewrites itself; elsewhere a line is written now and then, so that a log stays short.
final class ProgressLine: Sendable {
    private let label: String
    private let unit: String
    private let total: Int
    private let start = ContinuousClock.now
    private let lastShown: Mutex<ContinuousClock.Instant?> = Mutex(nil)
    private let isTerminal = StandardError.isTerminal

    /// - Parameters:
    ///   - label: what is being done, for instance `decode`.
    ///   - unit: what is counted, for instance `steps`.
    init(_ label: String, unit: String, total: Int) {
        self.label = label
        self.unit = unit
        self.total = total
    }

    /// Shows that `done` of the total have been finished.
    func update(_ done: Int) {
        let now = ContinuousClock.now
        let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
        let isDue = lastShown.withLock { last in
            if done < total, now - (last ?? start) < pause { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let elapsed = (now - start).seconds
        var line = "\(label): \(done)/\(total) \(unit)"
        if done > 0, elapsed > 0 {
            let rate = Double(done) / elapsed
            line += String(format: ", %.2f %@/s", rate, unit)
            if done < total { line += ", \(Self.clock(Double(total - done) / rate)) left" }
        }
        if isTerminal {
            StandardError.write("\r\u{1b}[2K\(line)\(done >= total ? "\n" : "")")
        } else {
            StandardError.write(line + "\n")
        }
    }

    /// Minutes and seconds, hours where needed.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
    }
}

extension Duration {
    /// The length in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
