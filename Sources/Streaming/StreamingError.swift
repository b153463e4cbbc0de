/// Why a stream cannot be received or sent.
public struct StreamingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// An address cannot be used: in use, unknown, not allowed.
        case address
        /// Something is not secure enough to be done.
        case insecure
        /// A key is missing or damaged.
        case key
        /// A folder or file cannot be watched or read.
        case unreadable
        /// A file cannot be written.
        case unwritable
        /// The system refuses a socket, thread or watch.
        case system
        /// The peer does not answer.
        case timeout
    }

    /// The kind of failure.
    public let code: Code
    /// The address, key or folder that it is about.
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
