/// Why an image cannot be read or written.
public struct ImageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The file cannot be read.
        case unreadable
        /// The file cannot be written.
        case unwritable
        /// The bytes are not an image of the format, or are damaged.
        case malformed
        /// The image is of a kind that is not read here.
        case unsupported
        /// The image has more pixels than the limit.
        case tooLarge
    }

    /// The kind of failure.
    public let code: Code
    /// The file or name that it is about.
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
