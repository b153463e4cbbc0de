/// Answers libzmq's question whether a peer may connect (ZeroMQ RFC 27), for the plain sockets of a loop that bind.
///
/// It goes by the peer's address, for senders that know no keys. The sockets need a ZAP domain to be asked about.
struct AddressAuthenticator {
    /// The domain to set.
    static let domain = "percept"

    private let trusted: TrustedPeers

    /// Starts to answer; on the thread of the loop, before the sockets bind.
    init(
        on loop: SocketLoop,
        trusted: TrustedPeers,
        onRefusal: @escaping @Sendable (_ address: String) -> Void
    ) throws(StreamingError) {
        self.trusted = trusted
        let authenticator = self
        let socket = try loop.makeSocket(.reply)
        try socket.bind("inproc://zeromq.zap.01")
        loop.onMessages(of: socket) { socket in
            guard case .message(let request) = socket.receive(mostParts: 16, mostBytes: 1 << 16) else { return }
            let (answer, refused) = authenticator.answer(request)
            socket.send(answer)
            if let refused { onRefusal(refused) }
        }
    }

    /// The answer to a request of version, id, domain, address and more, with the address if it is refused.
    private func answer(_ request: [[UInt8]]) -> ([[UInt8]], refused: String?) {
        let (version, id) = (Array("1.0".utf8), request.count > 1 ? request[1] : [])
        guard request.count >= 6, request[0] == version else {
            return ([version, id, Array("500".utf8), Array("Not understood".utf8), [], []], nil)
        }
        let address = String(decoding: request[3], as: UTF8.self)
        let isTrusted = trusted.contains(address)
        let status = isTrusted ? ("200", "OK") : ("400", "Not trusted")
        return ([version, id, Array(status.0.utf8), Array(status.1.utf8), [], []], isTrusted ? nil : address)
    }
}
