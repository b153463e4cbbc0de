/// Why a session cannot be stored or read.
public struct SessionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// There is no such session, run or file.
        case missing
        /// A file cannot be read.
        case unreadable
        /// A file cannot be written.
        case unwritable
        /// There is no space left for it.
        case diskFull
        /// A file contradicts its format or the log.
        case damaged
        /// Something does not fit what is stored already.
        case inconsistent
    }

    /// The kind of failure.
    public let code: Code
    /// The session, run or file that it is about.
    public let subject: String
    /// What was wrong and what to do.
    public let detail: String

    /// Describes a failure.
    public init(_ code: Code, _ subject: String, _ detail: String) {
        self.code = code
        self.subject = subject
        self.detail = detail
    }

    /// The subject, then what was wrong with it.
    public var description: String { "\(subject): \(detail)" }
}
