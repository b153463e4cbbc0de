/// The addresses of peers that may connect where there are no keys.
struct TrustedPeers: Sendable {
    /// Addresses or their starts.
    let starts: [String]

    /// Whether an address is one of them, or begins with one that ends where a part of the address does.
    func contains(_ address: String) -> Bool {
        // IPv4 over an IPv6 socket.
        let address = address.hasPrefix("::ffff:") ? address.dropFirst(7) : address[...]
        return starts.contains { start in
            guard !start.isEmpty, address.hasPrefix(start) else { return false }
            guard let next = address.dropFirst(start.count).first else { return true }
            return ".:".contains(next) || start.last == "." || start.last == ":"
        }
    }
}
