/// The parts of `tcp://HOST:PORT`.
public struct SocketAddress: Sendable, Equatable {
    /// A name, an IPv4 number, an IPv6 number in brackets, or `*` for all of this machine's.
    public let host: String
    /// The port; nil for `*`, any that is free.
    public let port: Int?

    /// Takes an address apart; nil if it is none.
    public init?(_ text: String) {
        guard text.hasPrefix("tcp://") else { return nil }
        let rest = text.dropFirst("tcp://".count)
        guard let colon = rest.lastIndex(of: ":") else { return nil }
        host = String(rest[..<colon])
        let digits = rest[rest.index(after: colon)...]
        if digits == "*" {
            port = nil
        } else {
            guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), digits.first != "0", let number = Int(digits),
                (1...65535).contains(number)
            else { return nil }
            port = number
        }
        let inner = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        guard host == "*" || (Self.isHost(inner) && inner.contains(":") == (inner != host)) else { return nil }
    }

    /// The address with the next port; nil if there is none.
    public var next: SocketAddress? {
        guard let port else { return self }
        return port < 65535 ? SocketAddress("tcp://\(host):\(port + 1)") : nil
    }

    /// `tcp://HOST:PORT`.
    public var text: String { "tcp://\(host):\(port.map(String.init) ?? "*")" }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool { Self.isLoopback(host) }

    /// Whether a host is this machine, as only itself sees it.
    public static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether a text can be a host's name or number.
    public static func isHost(_ text: String) -> Bool {
        !text.isEmpty && text.count <= 253
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_:%".contains($0)) }
    }
}
