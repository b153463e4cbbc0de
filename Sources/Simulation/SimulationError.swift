/// Why something cannot be simulated.
public struct SimulationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// A setting contradicts another, or cannot be reached.
        case configuration
        /// Data that the simulation rests on is missing or does not fit.
        case input
    }

    /// The kind of failure.
    public let code: Code
    /// What it is about: a setting, a file.
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
