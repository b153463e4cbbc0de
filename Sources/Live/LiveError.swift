/// Why live decoding cannot start.
public struct LiveError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The bundle or the files of preprocessing cannot be used.
        case bundle
        /// Settings contradict each other or the bundle.
        case configuration
        /// Something of this machine cannot be used.
        case unavailable
    }

    /// The kind of failure.
    public let code: Code
    /// What it is about.
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
