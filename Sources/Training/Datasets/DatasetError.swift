/// Why a data set cannot be used.
public struct DatasetError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// A file or folder is missing or cannot be read.
        case unreadable
        /// A file does not hold what it should, or values are not finite.
        case malformed
        /// Files contradict each other.
        case inconsistent
        /// Something is named that is not there: a subject, a region, an image, a class.
        case unknownName
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
