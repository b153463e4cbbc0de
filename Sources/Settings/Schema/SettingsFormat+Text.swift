import Foundation
import Yams

extension SettingsFormat where Value == String {
    /// Any text in one line.
    static func text(_ expected: String, _ isRight: @escaping (String) -> Bool = { _ in true }) -> Self {
        SettingsFormat(expected) { scalar, _ in
            let text = scalar.string
            let isLine = !text.isEmpty && text.utf8.count <= 4096 && text.unicodeScalars.allSatisfy { $0.value >= 32 }
            return isLine && isRight(text) ? .value(text) : .wrong("")
        } write: {
            canonical($0)
        }
    }

    /// A BIDS label: letters and digits.
    static var label: Self {
        .text("letters and digits, as BIDS labels have") { text in
            text.count <= 64 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
    }

    /// A name that can be part of a file's.
    static var name: Self {
        .text("a name of letters, digits, - and _") { text in
            text.count <= 100 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
        }
    }

    /// The path of a file or folder; relative ones start from the folder of the settings.
    static var path: Self {
        let text = Self.text("a path")
        return SettingsFormat(
            read: { node, path, reader in text.read(node, path, reader).map(reader.absolute) },
            write: text.write
        )
    }

    /// A path in which `{run}` and `{task}` stand for the run's.
    static var runPath: Self {
        let path = Self.path
        return SettingsFormat(
            read: { node, key, reader in
                guard let value = path.read(node, key, reader) else { return nil }
                let rest = value.replacingOccurrences(of: "{run}", with: "").replacingOccurrences(
                    of: "{task}",
                    with: ""
                )
                guard !rest.contains("{"), !rest.contains("}") else {
                    reader.report(
                        node,
                        key,
                        "only {run} and {task} can stand in braces, found \(SettingsReader.describe(node))"
                    )
                    return nil
                }
                return value
            },
            write: path.write
        )
    }

    /// One of a few words.
    static func choice(_ words: [String]) -> Self {
        let expected = "one of \(words.joined(separator: ", "))"
        return SettingsFormat(expected) { scalar, _ in
            if words.contains(scalar.string) { return .value(scalar.string) }
            let near = words.first { EditDistance.between($0, scalar.string) <= 1 }
            return .wrong(near.map { "did you mean \($0)?" } ?? "")
        } write: {
            canonical($0)
        }
    }

    /// The address of a ZeroMQ socket.
    static func address(binds: Bool) -> Self {
        let example = binds ? "tcp://127.0.0.1:5570" : "tcp://192.168.2.10:5560"
        return .text("an address such as \(example)") { text in
            guard let address = SocketAddress(text) else { return false }
            return binds || (address.port != nil && address.host != "*")
        }
    }

    /// A host's name or number.
    static var host: Self { .text("an address such as 127.0.0.1", SocketAddress.isHost) }

    /// A public key, or the path of a file with one.
    static var publicKey: Self {
        let text = Self.text("a public key of 40 characters, or a path with a / or .") { text in
            PublicKeyText.isKey(text) || text.contains("/") || text.contains(".")
        }
        return SettingsFormat(
            read: { node, path, reader in
                text.read(node, path, reader).map { PublicKeyText.isKey($0) ? $0 : reader.absolute($0) }
            },
            write: text.write
        )
    }

    /// A text in quotes, without line breaks.
    private static func canonical(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case _ where scalar.value < 32: "\\u{\(String(scalar.value, radix: 16))}"
            default: "\(scalar)"
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}

extension SettingsFormat where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the cases.
    static var word: Self {
        let text = SettingsFormat<String>.choice(Value.allCases.map(\.rawValue))
        return SettingsFormat(
            read: { node, path, reader in text.read(node, path, reader).flatMap(Value.init(rawValue:)) },
            write: { text.write($0.rawValue) }
        )
    }
}

/// The text form of CURVE keys: 32 bytes as 40 characters of Z85 (ZeroMQ RFC 32).
public enum PublicKeyText {
    private static let alphabet = Set(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8
    )

    /// Whether a text is a key, and not the path of a file.
    public static func isKey(_ text: String) -> Bool {
        text.utf8.count == 40 && text.utf8.allSatisfy(alphabet.contains)
    }
}
