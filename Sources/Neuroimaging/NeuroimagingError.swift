/// Why a file or message of neuroimaging data could not be read or written.
public struct NeuroimagingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The file cannot be opened or read.
        case unreadable
        /// The file cannot be written.
        case unwritable
        /// The content ends before it should: perhaps it is still being written.
        case truncated
        /// The content contradicts its format.
        case malformed
        /// The content is valid but of a kind that is not read here.
        case unsupported
        /// Something that is needed is not there.
        case missing
        /// Two things that belong together do not fit.
        case inconsistent
    }

    /// The kind of failure.
    public let code: Code
    /// What it happened to: a path, a line of a table, a tag.
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

    /// The same failure of a named file.
    func at(_ path: String) -> NeuroimagingError {
        subject.isEmpty ? NeuroimagingError(code, path, detail) : NeuroimagingError(code, "\(path): \(subject)", detail)
    }
}
