/// Why a decoder bundle cannot be written or used.
public struct BundleError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// There is no bundle, or one of its files is missing.
        case notFound
        /// A file cannot be read.
        case unreadable
        /// A file cannot be written.
        case unwritable
        /// There is already something at the place to write to.
        case alreadyExists
        /// `bundle.json` is not what this version understands, or contradicts the files beside it.
        case invalid
        /// A checkpoint does not hold what a decoder needs, or its parts do not fit together.
        case unsuitableCheckpoint
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
