/// How the arrays of a file fitted the parameters of a network.
public struct LoadReport: Sendable, Equatable, CustomStringConvertible {
    /// An array of another shape than its parameter.
    public struct Mismatch: Sendable, Equatable {
        /// The name.
        public let name: String
        /// The shape in the file.
        public let found: [Int]
        /// The shape that the network has.
        public let expected: [Int]

        /// Makes a mismatch.
        public init(name: String, found: [Int], expected: [Int]) {
            self.name = name
            self.found = found
            self.expected = expected
        }
    }

    /// Parameters that the file has no array for.
    public var missing: [String] = []
    /// Arrays that the network has no parameter for.
    public var unexpected: [String] = []
    /// Arrays of another shape than their parameters.
    public var misshapen: [Mismatch] = []

    /// A report without complaints.
    public init() {}

    /// Whether every parameter got its array, and no array was left over.
    public var isExact: Bool { missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty }

    /// The complaints, a line each; long lists are shortened.
    public var description: String {
        var lines: [String] = []
        if !missing.isEmpty { lines.append("missing \(missing.count): \(Self.shortened(missing))") }
        if !unexpected.isEmpty { lines.append("unexpected \(unexpected.count): \(Self.shortened(unexpected))") }
        for mismatch in misshapen.prefix(8) {
            lines.append("\(mismatch.name) has shape \(mismatch.found), expected \(mismatch.expected)")
        }
        if misshapen.count > 8 { lines.append("and \(misshapen.count - 8) more of other shapes") }
        return lines.isEmpty ? "all names and shapes fit" : lines.joined(separator: "\n")
    }

    private static func shortened(_ names: [String]) -> String {
        names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
    }
}
