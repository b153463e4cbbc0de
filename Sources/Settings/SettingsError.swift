/// What is wrong with a settings file: all that was found, each with its place.
public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The file cannot be read at all.
        case unreadable
        /// The file says something that cannot be.
        case invalid
    }

    /// One thing that is wrong.
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// The file.
        public var file: String
        /// The line, from 1; 0 if it is about the whole file.
        public var line: Int
        /// The column, from 1.
        public var column: Int
        /// The key, from the top: `input.path`.
        public var key: String
        /// What is wrong, and what to do.
        public var detail: String

        /// `FILE:LINE:COLUMN: KEY: DETAIL`.
        public var description: String {
            "\(file):\(line > 0 ? "\(line):\(column):" : "") \(key.isEmpty ? "" : key + ": ")\(detail)"
        }

        /// Describes a problem.
        public init(file: String, line: Int, column: Int, key: String, detail: String) {
            (self.file, self.line, self.column, self.key, self.detail) = (file, line, column, key, detail)
        }
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong, in the order of the file.
    public let problems: [Problem]

    /// Describes a file's problems.
    public init(_ problems: [Problem], code: Code = .invalid) { (self.problems, self.code) = (problems, code) }

    /// One line for each problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
