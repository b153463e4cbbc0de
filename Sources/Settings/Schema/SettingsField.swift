import Yams

/// One key of a mapping: how its value is written and where it is kept.
struct SettingsField<Root> {
    /// The key.
    let key: String
    /// Whether it must be there.
    var isRequired = false
    /// Reads a value; what is wrong goes to the reader.
    let read: (inout Root, Node, String, SettingsReader) -> Void
    /// The effective values at and below the key, in canonical form.
    let entries: (Root, String) -> [(key: String, value: String)]
    /// Takes over what may change while the daemon runs; returns the keys whose change is refused.
    let reload: (inout Root, Root, String) -> [String]

    /// A single value.
    static func value<Value>(
        _ key: String,
        _ place: WritableKeyPath<Root, Value>,
        _ format: SettingsFormat<Value>,
        required: Bool = false,
        reloads: Bool = false
    ) -> Self {
        SettingsField(
            key: key,
            isRequired: required,
            read: { root, node, path, reader in
                if let value = format.read(node, path, reader) { root[keyPath: place] = value }
            },
            entries: { root, path in [(path, format.write(root[keyPath: place]))] },
            reload: { root, new, path in
                if format.write(root[keyPath: place]) == format.write(new[keyPath: place]) { return [] }
                guard reloads else { return [path] }
                root[keyPath: place] = new[keyPath: place]
                return []
            }
        )
    }

    /// A single value that may be left out, or be `null`.
    static func optional<Value>(
        _ key: String,
        _ place: WritableKeyPath<Root, Value?>,
        _ format: SettingsFormat<Value>,
        reloads: Bool = false
    ) -> Self {
        .value(key, place, format.optional, reloads: reloads)
    }

    /// A mapping within.
    static func section<Value>(
        _ key: String,
        _ place: WritableKeyPath<Root, Value>,
        _ fields: [SettingsField<Value>]
    ) -> Self {
        SettingsField(
            key: key,
            read: { root, node, path, reader in reader.read(fields, of: node, into: &root[keyPath: place], at: path) },
            entries: { root, path in
                fields.flatMap { $0.entries(root[keyPath: place], "\(path).\($0.key)") }
            },
            reload: { root, new, path in
                fields.flatMap { $0.reload(&root[keyPath: place], new[keyPath: place], "\(path).\($0.key)") }
            }
        )
    }
}
