import Foundation
import Settings

/// Why a daemon ends, in one line on standard error.
public struct FailureLine {
    private let text: String

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - error: Why.
    ///   - all: Whether all problems of a settings file are told, a line each, and not only the first.
    public init(_ error: any Error, all: Bool = false) {
        var lines = "\(error)".split(whereSeparator: \.isNewline).map { LogLine.escape(String($0)) }
        if !all, error is SettingsError, lines.count > 1 {
            lines = ["\(lines[0]) (and \(lines.count - 1) more; --check-config shows them)"]
        }
        if !all { lines = [lines.joined(separator: " ")] }
        // journald takes `<2>` for the priority "critical".
        let prefix = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] == nil ? "" : "<2>"
        text = lines.map { "\(prefix)perceptd: \($0)\n" }.joined()
    }

    /// Writes it.
    public func write() { FileHandle.standardError.write(Data(text.utf8)) }
}
