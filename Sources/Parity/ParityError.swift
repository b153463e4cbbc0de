/// Why a folder of recorded outputs cannot be compared.
public struct ParityError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The folder or its manifest is missing.
        case notFound
        /// The manifest is not JSON, or lacks an entry.
        case invalidManifest
        /// A file or array that a check needs is missing.
        case missing
        /// An array has another shape or content than its description says.
        case malformed
    }

    /// The kind of failure.
    public let code: Code
    /// The file, array or entry that it is about.
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
