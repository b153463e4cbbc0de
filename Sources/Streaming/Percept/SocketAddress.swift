/// Addresses as ZeroMQ writes them.
enum SocketAddress {
    /// The same address with the next port, where Percept's second socket is; `*` stays `*`.
    ///
    /// Throws `address` if there is no port.
    static func next(_ address: String) throws(StreamingError) -> String {
        guard let colon = address.lastIndex(of: ":"), address.hasPrefix("tcp://") else {
            throw StreamingError(
                .address,
                address,
                "is not like tcp://127.0.0.1:5560; name the address for resending too"
            )
        }
        let port = address[address.index(after: colon)...]
        if port == "*" { return address }
        guard let number = UInt16(port), number < UInt16.max else {
            throw StreamingError(.address, address, "has no port that another one follows")
        }
        return "\(address[...colon])\(number + 1)"
    }
}
