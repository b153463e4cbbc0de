/// A configuration within a manifest, whose entries are required, and missed by name.
public struct FixtureConfiguration: Sendable {
    /// The value.
    public let value: ManifestValue
    /// Where it stands in the manifest, for instance `config.mae`.
    public let path: String

    /// A value and where it stands.
    public init(_ value: ManifestValue, path: String) {
        self.value = value
        self.path = path
    }

    /// Whether there is an entry of that name.
    public func has(_ key: String) -> Bool { value[key] != nil }

    /// A part.
    public func section(_ key: String) throws -> FixtureConfiguration {
        FixtureConfiguration(try required(key, \.self), path: "\(path).\(key)")
    }

    /// A required integer.
    public func int(_ key: String) throws -> Int { try required(key, \.int) }

    /// A required list of integers.
    public func ints(_ key: String) throws -> [Int] { try required(key, \.ints) }

    /// A required number.
    public func double(_ key: String) throws -> Double { try required(key, \.double) }

    /// A required truth value.
    public func bool(_ key: String) throws -> Bool { try required(key, \.bool) }

    /// A required text.
    public func string(_ key: String) throws -> String { try required(key, \.string) }

    private func required<Value>(_ key: String, _ read: (ManifestValue) -> Value?) throws -> Value {
        guard let entry = value[key] else {
            throw ParityError(.invalidManifest, "\(path).\(key)", "the manifest has no such entry")
        }
        guard let result = read(entry) else {
            throw ParityError(.invalidManifest, "\(path).\(key)", "the entry is of the wrong kind: \(entry)")
        }
        return result
    }
}
