/// Why an HDF5 file cannot be read or written.
public struct HDF5Error: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The file cannot be opened or read.
        case unreadable
        /// The file cannot be written.
        case unwritable
        /// The content contradicts the format, or itself.
        case damaged
        /// The content is valid but of a kind that is not read here.
        case unsupported
        /// There is no object of that name.
        case missing
        /// The content exceeds a limit.
        case tooLarge
    }

    /// The kind of failure.
    public let code: Code
    /// The file, or the object in it.
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
