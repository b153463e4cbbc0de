/// A value of a manifest: JSON of any shape.
public enum ManifestValue: Sendable, Equatable, Decodable {
    /// `null`.
    case null
    /// A truth value.
    case bool(Bool)
    /// A number without a fraction.
    case integer(Int)
    /// Another number.
    case number(Double)
    /// A text.
    case string(String)
    /// A list.
    case list([ManifestValue])
    /// An object.
    case object([String: ManifestValue])

    /// Decodes whatever is there.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([ManifestValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: ManifestValue].self))
        }
    }

    /// The entry of an object; nil also if this is not one.
    public subscript(key: String) -> ManifestValue? { entries?[key] }

    /// The entries of an object.
    public var entries: [String: ManifestValue]? {
        if case .object(let entries) = self { return entries }
        return nil
    }

    /// The elements of a list.
    public var elements: [ManifestValue]? {
        if case .list(let elements) = self { return elements }
        return nil
    }

    /// An integer.
    public var int: Int? {
        if case .integer(let value) = self { return value }
        return nil
    }

    /// A list of integers.
    public var ints: [Int]? {
        guard let elements else { return nil }
        let values = elements.compactMap(\.int)
        return values.count == elements.count ? values : nil
    }

    /// A number.
    public var double: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// A truth value.
    public var bool: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    /// A text.
    public var string: String? {
        if case .string(let value) = self { return value }
        return nil
    }
}
