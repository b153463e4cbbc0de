/// Answers libzmq's question whether a peer may connect (ZeroMQ RFC 27), for the plain sockets of a loop that bind.
///
/// It goes by the peer's address, for senders that know no keys. The sockets need a ZAP domain to be asked about.
enum AddressAuthenticator {
    /// What becomes of a peer.
    enum Answer: Sendable {
        /// It may connect.
        case allowed
        /// It may not now: it is dropped when its handshake has lasted too long, and then tries again.
        case later
        /// It may not, and is told so.
        case refused

        fileprivate var status: (code: String, text: String) {
            switch self {
            case .allowed: ("200", "OK")
            case .later: ("300", "Busy")
            case .refused: ("400", "Not trusted")
            }
        }
    }

    /// Starts to answer; on the thread of the loop, before the sockets bind.
    ///
    /// - Parameters:
    ///   - loop: The loop whose sockets are guarded.
    ///   - decide: Is called on the loop's thread with the domain of the socket and the address of the peer.
    static func start(
        on loop: SocketLoop,
        _ decide: @escaping @Sendable (_ domain: String, _ address: String) -> Answer
    ) throws(StreamingError) {
        let socket = try loop.makeSocket(.reply)
        try socket.bind("inproc://zeromq.zap.01")
        loop.onMessages(of: socket) { socket in
            guard case .message(let request) = socket.receive(mostParts: 16, mostBytes: 1 << 16) else { return }
            socket.send(answer(request, decide))
        }
    }

    /// The answer to a request of version, id, domain, address and more.
    private static func answer(_ request: [[UInt8]], _ decide: (String, String) -> Answer) -> [[UInt8]] {
        let (version, id) = (Array("1.0".utf8), request.count > 1 ? request[1] : [])
        guard request.count >= 6, request[0] == version else {
            return [version, id, Array("500".utf8), Array("Not understood".utf8), [], []]
        }
        let texts = request[2...3].map { String(decoding: $0, as: UTF8.self) }
        let status = decide(texts[0], texts[1]).status
        return [version, id, Array(status.code.utf8), Array(status.text.utf8), [], []]
    }
}
