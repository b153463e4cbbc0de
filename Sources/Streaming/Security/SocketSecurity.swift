import Foundation
import Settings

/// Who may talk with a socket: the keys of both sides, read and checked.
public struct SocketSecurity: Sendable {
    /// This side's keys; nil for plain sockets.
    public var keys: CurveKeyPair?
    /// The public key of the publisher that is connected to.
    public var publisher: String?
    /// The public keys of peers that may connect.
    public var allowed: Set<String>

    /// Plain sockets, which stay on loopback.
    public static let plain = SocketSecurity(keys: nil)

    /// Puts keys together.
    public init(keys: CurveKeyPair?, publisher: String? = nil, allowed: Set<String> = []) {
        (self.keys, self.publisher, self.allowed) = (keys, publisher, allowed)
    }

    /// Reads the keys that settings name.
    ///
    /// Throws `key`, `unreadable` or `insecure` if a file cannot be used or a text is no key.
    public init(_ settings: SecuritySettings) throws(StreamingError) {
        keys = if let path = settings.key { try CurveKeyPair(contentsOf: path) } else { nil }
        publisher = nil
        allowed = []
        if let text = settings.publisher {
            let keys = try Self.keys(text)
            guard keys.count == 1 else {
                throw StreamingError(.key, text, "has \(keys.count) public keys; the publisher has one")
            }
            publisher = keys[0]
        }
        for text in settings.allowed { allowed.formUnion(try Self.keys(text)) }
    }

    /// The role of a socket that binds to an address.
    ///
    /// Throws `insecure` off loopback without keys, and with keys but nobody who is allowed: without an allow-list,
    /// whoever knows the public key would be let in.
    public func role(binding address: String) throws(StreamingError) -> CurveRole? {
        guard let keys else {
            guard Self.isLocal(address) else {
                throw StreamingError(
                    .insecure,
                    address,
                    "can be reached from other machines and is not encrypted; make keys with percept keygen and set "
                        + "security.key and security.allowed, or bind to 127.0.0.1"
                )
            }
            return nil
        }
        guard !allowed.isEmpty else {
            throw StreamingError(
                .insecure,
                address,
                "has keys but nobody is allowed to connect; name the public keys of peers in security.allowed"
            )
        }
        return .server(keys)
    }

    /// The role of a socket that connects to an address; throws `insecure` if one side's key is known but not the
    /// other's.
    public func role(connecting address: String) throws(StreamingError) -> CurveRole? {
        switch (keys, publisher) {
        case (nil, nil): return nil
        case (let keys?, let publisher?): return .client(keys, server: publisher)
        case (nil, _):
            throw StreamingError(.insecure, address, "has a publisher's key but none of ours; set security.key")
        case (_, nil):
            // Plain input from this machine, while what goes out is encrypted.
            guard Self.isLocal(address) else {
                throw StreamingError(.insecure, address, "is another machine without a key; set security.publisher")
            }
            return nil
        }
    }

    /// Whether only this machine can reach an address.
    static func isLocal(_ address: String) -> Bool {
        if address.hasPrefix("inproc://") || address.hasPrefix("ipc://") { return true }
        guard address.hasPrefix("tcp://"), let colon = address.lastIndex(of: ":") else { return false }
        let host = address[..<colon].dropFirst("tcp://".count)
        if host == "localhost" || host == "[::1]" { return true }
        // Only numbers: a name that begins with 127. may be anywhere.
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && numbers.allSatisfy { $0 != nil }
    }

    /// A key, or those in the lines of a file.
    private static func keys(_ text: String) throws(StreamingError) -> [String] {
        if CurveKeyPair.isKey(text) { return [text] }
        guard let data = FileManager.default.contents(atPath: text), data.count <= 1 << 20 else {
            throw StreamingError(.key, text, "is neither a public key of 40 characters nor a file with some")
        }
        var keys: [String] = []
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("# ") { continue }
            // What follows a key says whose it is; a key pair's file does as well.
            let words = line.split(separator: " ").map(String.init)
            if words[0] == "secret" { continue }
            let key = words[0] == "public" && words.count > 1 ? words[1] : words[0]
            guard CurveKeyPair.isKey(key) else {
                throw StreamingError(.key, text, "has a line that does not begin with a public key: \(line)")
            }
            keys.append(key)
        }
        return keys
    }
}
