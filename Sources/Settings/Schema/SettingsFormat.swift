import Yams

/// How a value is written in a settings file.
struct SettingsFormat<Value> {
    /// Reads a value; nil if something is wrong, which the reader is told.
    let read: (Node, String, SettingsReader) -> Value?
    /// Writes a value in the one way that equal values share.
    let write: (Value) -> String

    init(
        read: @escaping (Node, String, SettingsReader) -> Value?,
        write: @escaping (Value) -> String
    ) {
        (self.read, self.write) = (read, write)
    }

    /// A format of single words and numbers.
    ///
    /// - Parameters:
    ///   - expected: What belongs there, for the message.
    ///   - parse: The value, nothing if it is none, or an explanation of why.
    init(
        _ expected: String,
        parse: @escaping (Node.Scalar, SettingsReader) -> ScalarReading<Value>,
        write: @escaping (Value) -> String
    ) {
        self.init(
            read: { node, path, reader in
                let found = "expected \(expected), found \(SettingsReader.describe(node))"
                guard case .scalar(let scalar) = node else {
                    reader.report(node, path, found)
                    return nil
                }
                if SettingsReader.isEmpty(node) {
                    reader.report(node, path, found + "; leave the key out for the default")
                    return nil
                }
                switch parse(scalar, reader) {
                case .value(let value): return value
                case .wrong(let remedy):
                    reader.report(node, path, remedy.isEmpty ? found : "\(found); \(remedy)")
                    return nil
                }
            },
            write: write
        )
    }

    /// The format of a value that may be left out, or be `null`.
    var optional: SettingsFormat<Value?> {
        SettingsFormat<Value?>(
            read: { node, path, reader in
                if SettingsReader.isEmpty(node) { return .some(nil) }
                return self.read(node, path, reader).map { .some($0) }
            },
            write: { $0.map(self.write) ?? "null" }
        )
    }

    /// The format of a list; one value alone counts as a list.
    static func list<Element>(
        of format: SettingsFormat<Element>,
        emptyRemedy: String? = nil
    ) -> Self where Value == [Element] {
        SettingsFormat(
            read: { node, path, reader in
                guard case .sequence(let sequence) = node else { return format.read(node, path, reader).map { [$0] } }
                if sequence.isEmpty, let emptyRemedy {
                    reader.report(node, path, "is an empty list; \(emptyRemedy)")
                    return nil
                }
                let values = sequence.map { format.read($0, path, reader) }
                return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
            },
            write: { "[" + $0.map(format.write).joined(separator: ", ") + "]" }
        )
    }
}

/// What became of a word or number.
enum ScalarReading<Value> {
    /// It was read.
    case value(Value)
    /// It is something else; what to do, or nothing where what was expected says it.
    case wrong(String)
}
