import Foundation

/// Why a training cannot go on.
public struct TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The recipe and the data, or parts of the recipe, do not fit together.
        case unsuitable
        /// A file that an earlier run left cannot be used.
        case damagedCheckpoint
        /// The loss is not finite any more.
        case diverged
        /// The folder for the results belongs to something else, or cannot be written.
        case unwritable
    }

    /// The kind of failure.
    public let code: Code
    /// The phase, key or file that it is about.
    public let subject: String
    /// What was wrong and what to do.
    public let detail: String

    /// Describes a failure.
    public init(_ code: Code, _ subject: String, _ detail: String) {
        (self.code, self.subject, self.detail) = (code, subject, detail)
    }

    /// The subject, then what was wrong with it.
    public var description: String { "\(subject): \(detail)" }
}

extension TrainingError {
    /// Something needs more memory than there is.
    /// - Parameters:
    ///   - subject: the phase or key that it is about.
    ///   - what: what needs it.
    ///   - bytes: how much it needs at the least.
    ///   - memory: how much there is.
    ///   - remedy: what to do.
    static func tooLarge(_ subject: String, _ what: String, bytes: Int, memory: Int, remedy: String) -> TrainingError {
        func gibibytes(_ bytes: Int) -> String {
            "\((Double(bytes) / 0x1p30).formatted(.number.precision(.fractionLength(1)))) GiB"
        }
        let detail = "\(what) need \(gibibytes(bytes)) to be trained, of \(gibibytes(memory)) that there are; \(remedy)"
        return TrainingError(.unsuitable, subject, detail)
    }
}
