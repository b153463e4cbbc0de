/// A peer that wants to connect to a socket that binds.
struct ConnectionRequest {
    /// The ZAP domain of the socket.
    let domain: String
    /// The peer's address.
    let address: String
    /// The peer's public key in Z85; nil without CURVE.
    let key: String?

    /// Reads version, id, domain, address, identity, mechanism and what belongs to it; nil if that is not what they are.
    fileprivate init?(_ parts: [[UInt8]]) {
        func text(_ number: Int) -> String { String(decoding: parts[number], as: UTF8.self) }
        guard parts.count >= 6, text(0) == ConnectionAuthenticator.version else { return nil }
        (domain, address) = (text(2), text(3))
        key = text(5) == "CURVE" && parts.count == 7 ? CurveKeyPair.text(ofKey: parts[6]) : nil
    }
}

/// Answers libzmq's question whether a peer may connect (ZeroMQ RFC 27), for the sockets of a loop that bind.
///
/// Sockets are asked about if they have keys or a ZAP domain.
enum ConnectionAuthenticator {
    /// What becomes of a peer.
    enum Answer: Sendable {
        /// It may connect; messages name it so.
        case allowed(user: String)
        /// It may not now: it is dropped when its handshake has lasted too long, and then tries again.
        case later
        /// It may not, and is told so.
        case refused
    }

    fileprivate static let version = "1.0"

    /// Starts to answer; on the thread of the loop, before the sockets bind.
    ///
    /// - Parameters:
    ///   - loop: The loop whose sockets are guarded.
    ///   - decide: Is called on the loop's thread.
    static func start(
        on loop: SocketLoop,
        _ decide: @escaping @Sendable (ConnectionRequest) -> Answer
    ) throws(StreamingError) {
        let socket = try loop.makeSocket(.reply)
        try socket.bind("inproc://zeromq.zap.01")
        loop.onMessages(of: socket) { socket in
            // A reply socket takes the next request after the answer to the last.
            guard case .message(let parts) = socket.receive(mostParts: 16, mostBytes: 1 << 16) else { return }
            let (code, text, user) = status(of: ConnectionRequest(parts).map(decide))
            let id = parts.count > 1 ? parts[1] : []
            socket.send([Array(version.utf8), id, Array(code.utf8), Array(text.utf8), Array(user.utf8), []])
        }
    }

    /// nil is the answer to what is no request.
    private static func status(of answer: Answer?) -> (code: String, text: String, user: String) {
        switch answer {
        case .allowed(let user): ("200", "OK", user)
        case .later: ("300", "Busy", "")
        case .refused: ("400", "Not allowed", "")
        case nil: ("500", "Not understood", "")
        }
    }
}
