import Foundation

/// The classes of an ImageNet classifier: `imagenet_class_index.json`.
///
/// An object whose values are arrays of WordNet identifiers with a description at the end; their order in the file is the
/// order of the classes.
public struct ImageNetClassIndex: Sendable {
    private let classes: [String: Int]

    /// Reads a file.
    /// - Throws: `DatasetError`.
    public init(contentsOf url: URL) throws {
        let data = try DatasetFile.data(url)
        guard let entries = try? JSONDecoder().decode([String: [String]].self, from: data) else {
            throw DatasetError(.malformed, url.path, "not an object of arrays of strings")
        }
        let order = Self.topLevelKeys(data)
        guard Set(order) == Set(entries.keys), order.count == entries.count else {
            throw DatasetError(.malformed, url.path, "the keys of the classes are not distinct plain strings")
        }
        var classes: [String: Int] = [:]
        for (index, key) in order.enumerated() {
            for synset in (entries[key] ?? []).dropLast() where classes[synset] == nil { classes[synset] = index }
        }
        self.classes = classes
    }

    /// The class of a WordNet identifier such as `n01518878`.
    public subscript(synset: String) -> Int? { classes[synset] }

    /// The keys of a valid JSON object in the order of the file, which a dictionary does not keep.
    private static func topLevelKeys(_ data: Data) -> [String] {
        var (keys, depth, literal, isEscaped) = ([String](), 0, [UInt8]?.none, false)
        var last: [UInt8] = []
        for byte in data {
            if let begun = literal {
                if byte == UInt8(ascii: "\""), !isEscaped {
                    (last, literal) = (begun, nil)
                } else {
                    literal = begun + [byte]
                    isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): (literal, isEscaped) = ([], false)
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ":") where depth == 1: keys.append(String(decoding: last, as: UTF8.self))
            default: break
            }
        }
        return keys
    }
}
