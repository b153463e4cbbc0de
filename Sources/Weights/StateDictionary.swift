/// Named arrays in the order of their file: the weights of one or more networks.
public struct StateDictionary: Sendable {
    /// The names in the order of the file.
    public private(set) var names: [String] = []
    private var arrays: [String: StoredArray] = [:]

    /// An empty dictionary.
    public init() {}

    /// The array of that name.
    ///
    /// Setting appends a new name or replaces the array of a known one.
    public subscript(name: String) -> StoredArray? {
        get { arrays[name] }
        set {
            guard let newValue else { return }
            if arrays.updateValue(newValue, forKey: name) == nil { names.append(name) }
        }
    }

    /// Whether there is no array.
    public var isEmpty: Bool { names.isEmpty }

    /// The number of weights of all arrays.
    public var parameterCount: Int { arrays.values.reduce(0) { $0 + $1.count } }

    /// The arrays whose names begin with `prefix`, under their names without it.
    public func slice(prefix: String) -> StateDictionary {
        var result = StateDictionary()
        for name in names where name.hasPrefix(prefix) { result[String(name.dropFirst(prefix.count))] = arrays[name] }
        return result
    }
}
