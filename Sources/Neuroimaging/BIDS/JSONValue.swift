import Foundation

/// A value of a JSON document.
enum JSONValue: Sendable, Equatable, Decodable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// The members of the object that a document holds.
    static func members(of json: [UInt8], name: String) throws(NeuroimagingError) -> [String: JSONValue] {
        do {
            return try JSONDecoder().decode([String: JSONValue].self, from: Data(json))
        } catch {
            throw NeuroimagingError(
                .malformed,
                name,
                "the file does not hold a JSON object; check commas, quotes and that no number is NaN"
            )
        }
    }
}

/// Reads members of a JSON object, naming file and key in errors.
struct JSONMembers {
    let members: [String: JSONValue]
    let name: String

    /// A finite number, or nothing where the key is missing or null.
    func number(_ key: String) throws(NeuroimagingError) -> Double? {
        switch members[key] {
        case nil, .null: return nil
        case .number(let value) where value.isFinite: return value
        default: throw error(key, "has to be a number")
        }
    }

    /// A number above 0, or nothing where the key is missing or null.
    func positive(_ key: String, _ unit: String) throws(NeuroimagingError) -> Double? {
        guard let value = try number(key) else { return nil }
        guard value > 0 else { throw error(key, "is \(value) but has to be more than 0 \(unit)") }
        return value
    }

    /// A whole number from 0 on, or nothing where the key is missing or null.
    func count(_ key: String) throws(NeuroimagingError) -> Int? {
        guard let value = try number(key) else { return nil }
        guard value >= 0, value == value.rounded(), value < 1e9 else {
            throw error(key, "is \(value) but has to be a whole number from 0 on")
        }
        return Int(value)
    }

    /// Finite numbers, or nothing where the key is missing or null.
    func numbers(_ key: String) throws(NeuroimagingError) -> [Double]? {
        switch members[key] {
        case nil, .null: return nil
        case .list(let list):
            var result: [Double] = []
            for item in list {
                guard case .number(let value) = item, value.isFinite else {
                    throw error(key, "has to be a list of numbers")
                }
                result.append(value)
            }
            return result
        default: throw error(key, "has to be a list of numbers")
        }
    }

    /// A text, or nothing where the key is missing or null.
    func text(_ key: String) throws(NeuroimagingError) -> String? {
        switch members[key] {
        case nil, .null: return nil
        case .text(let text): return text
        default: throw error(key, "has to be a text")
        }
    }

    func error(_ key: String, _ detail: String) -> NeuroimagingError {
        NeuroimagingError(.malformed, name, "\(key) \(detail)")
    }
}
