/// Why a terminal cannot be used.
public struct TerminalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// There is no terminal.
        case noTerminal
        /// The terminal went away, or refuses what is asked.
        case unusable
    }

    /// The kind of failure.
    public let code: Code
    /// The device that it is about.
    public let subject: String
    /// What was wrong and what to do.
    public let detail: String

    /// Describes a failure.
    public init(_ code: Code, _ subject: String, _ detail: String) {
        (self.code, self.subject, self.detail) = (code, subject, detail)
    }

    /// The subject, then what was wrong with it.
    public var description: String { "\(subject): \(detail)" }
}
