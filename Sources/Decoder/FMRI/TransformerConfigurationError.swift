/// A configuration that describes no network, found before anything is allocated.
public struct TransformerConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of complaint.
    public enum Code: String, Sendable {
        /// A size is zero, negative or absurdly large.
        case sizeOutOfRange
        /// One size must be a multiple of another.
        case notDivisible
        /// A ratio lies outside its interval.
        case ratioOutOfRange
    }

    /// What kind of complaint it is.
    public let code: Code
    /// The name of the value.
    public let subject: String
    /// The value, what is allowed, and what to change.
    public let detail: String

    /// `subject: detail`.
    public var description: String { "\(subject): \(detail)" }

    static func requireSize(_ value: Int, _ subject: String, atMost limit: Int = 1 << 24, allowZero: Bool = false)
        throws
    {
        guard value >= (allowZero ? 0 : 1), value <= limit else {
            let detail = "\(value) is not in \(allowZero ? 0 : 1)...\(limit)."
            throw TransformerConfigurationError(code: .sizeOutOfRange, subject: subject, detail: detail)
        }
    }

    static func requireMultiple(_ value: Int, of divisor: Int, _ subject: String) throws {
        guard value % divisor == 0 else {
            let detail = "\(value) is not a multiple of \(divisor)."
            throw TransformerConfigurationError(code: .notDivisible, subject: subject, detail: detail)
        }
    }

    static func requireRatio(_ value: Double, _ subject: String, in range: ClosedRange<Double>) throws {
        guard range.contains(value) else {
            let detail = "\(value) is not in \(range)."
            throw TransformerConfigurationError(code: .ratioOutOfRange, subject: subject, detail: detail)
        }
    }
}
