import Foundation
import Logging

/// Writes log messages as lines that journald understands.
///
/// A line is a constant message, then `key=value` in the order of the keys. For journald `<N>` before it is the
/// priority; otherwise the line begins with time and level.
public struct JournalLogHandler: LogHandler {
    /// What all handlers of a process share.
    public let journal: Journal
    /// What is added to every message.
    public var metadata: Logger.Metadata = [:]
    /// What is added to every message when it is logged.
    public var metadataProvider: Logger.MetadataProvider?
    private var ownLevel: Logger.Level?

    /// Writes to a journal.
    public init(_ journal: Journal) { self.journal = journal }

    /// The least important messages that are written: the journal's, which may change while the daemon runs, unless
    /// this handler has one of its own.
    public var logLevel: Logger.Level {
        get { ownLevel ?? journal.level }
        set { ownLevel = newValue }
    }

    /// A value that is added to every message.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one message, unless it repeats a warning too often.
    public func log(event: LogEvent) {
        var values = metadata
        if let provided = metadataProvider?.get() { values.merge(provided) { $1 } }
        if let given = event.metadata { values.merge(given) { $1 } }
        if let error = event.error { values["error"] = "\(error)" }
        journal.write(event.level, event.message.description, values)
    }
}

/// The form of a line of the log.
enum LogLine {
    /// Longer values are cut, in characters.
    private static let longestValue = 2000

    /// The priority of syslog, from 0 to 7.
    static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// A message and its values in one line.
    static func text(_ message: String, _ metadata: Logger.Metadata) -> String {
        let values = metadata.sorted { $0.key < $1.key }.map { "\(escape($0.key))=\(quote($0.value.description))" }
        return ([escape(message)] + values).joined(separator: " ")
    }

    /// A value, in quotes where it would not be one word.
    private static func quote(_ value: String) -> String {
        let cut = value.count > longestValue ? value.prefix(longestValue) + "…" : value[...]
        let needsQuotes = cut.isEmpty || cut.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        let text = escape(String(cut))
        return needsQuotes ? "\"" + text.replacingOccurrences(of: "\"", with: "\\\"") + "\"" : text
    }

    /// A text without line breaks and other control characters, so that nothing from outside can forge a line.
    static func escape(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "\\") }
        if isPlain { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                result.append(contentsOf: scalar == "\n" ? "\\n".unicodeScalars : escaped(scalar))
            default:
                result.append(contentsOf: scalar == "\\" ? "\\\\".unicodeScalars : String.UnicodeScalarView([scalar]))
            }
        }
        return String(result)
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
        "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars
    }
}
