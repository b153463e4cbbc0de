/// Why a file of weights or arrays could not be read or written.
public struct WeightsError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        enum Kind { case unreadable, unwritable, damaged, unsupported, missing, tooLarge }
        let kind: Kind
        /// The file cannot be opened or read.
        public static let unreadable = Code(kind: .unreadable)
        /// The file cannot be written.
        public static let unwritable = Code(kind: .unwritable)
        /// The content contradicts its format.
        public static let damaged = Code(kind: .damaged)
        /// The content is valid but of a kind that is not read here.
        public static let unsupported = Code(kind: .unsupported)
        /// Something that was asked for is not in the file.
        public static let missing = Code(kind: .missing)
        /// The content exceeds a limit.
        public static let tooLarge = Code(kind: .tooLarge)
    }

    /// The kind of failure.
    public let code: Code
    /// What it happened to: a path, a member of an archive, a tensor.
    public let subject: String
    /// What was wrong and what to do.
    public let detail: String

    /// Makes an error.
    public init(_ code: Code, _ subject: String, _ detail: String) {
        self.code = code
        self.subject = subject
        self.detail = detail
    }

    /// One line for people.
    public var description: String { "\(subject): \(detail)" }
}
