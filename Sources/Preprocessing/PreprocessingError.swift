/// Why volumes cannot be processed.
public struct PreprocessingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// A setting is outside its range or contradicts another.
        case configuration
        /// A volume does not have the geometry of the run.
        case geometry
        /// Data that a step needs is missing or of the wrong length.
        case input
        /// A saved state cannot be restored.
        case damagedState
    }

    /// The kind of failure.
    public let code: Code
    /// What it is about: a setting, a volume, a file.
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
