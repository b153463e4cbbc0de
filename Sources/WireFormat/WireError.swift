/// Why bytes from a peer are not a message.
public struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The bytes are not what the protocol says.
        case malformed
        /// The message is of a protocol or version that is not spoken here.
        case unsupported
        /// The message claims more than the limits allow.
        case tooLarge
        /// The payload is not what the header says.
        case corrupt
    }

    /// The kind of failure.
    public let code: Code
    /// The part of the message.
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
