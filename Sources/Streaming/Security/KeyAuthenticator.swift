import Synchronization

/// Answers libzmq's question whether a key is allowed (ZeroMQ RFC 27), for all encrypted sockets of a loop that bind.
///
/// libzmq lets everybody in who knows the server's public key unless somebody answers, so it comes before the sockets.
public final class KeyAuthenticator: Sendable {
    /// How many peers were let in and turned away.
    public struct Counters: Sendable, Equatable {
        /// Connections that were allowed.
        public var allowed = 0
        /// Connections that were refused.
        public var refused = 0
    }

    private let allowed: Set<String>
    private let onRefusal: @Sendable (_ key: String, _ address: String) -> Void
    private let state = Mutex(Counters())

    /// What happened so far.
    public var counters: Counters { state.withLock { $0 } }

    /// Starts to answer; on the thread of the loop.
    ///
    /// - Parameters:
    ///   - loop: The loop whose sockets are guarded.
    ///   - allowed: The public keys that are allowed, in Z85.
    ///   - onRefusal: Is called on the loop's thread with a key that is not allowed (empty for another mechanism), and
    ///     the address that it came from.
    public init(
        on loop: SocketLoop,
        allowed: Set<String>,
        onRefusal: @escaping @Sendable (_ key: String, _ address: String) -> Void
    ) throws(StreamingError) {
        (self.allowed, self.onRefusal) = (allowed, onRefusal)
        let socket = try loop.makeSocket(.reply)
        try socket.bind("inproc://zeromq.zap.01")
        loop.onMessages(of: socket) { socket in
            // A reply socket takes the next request after the answer to the last.
            if case .message(let request) = socket.receive(mostParts: 16, mostBytes: 1 << 16) {
                socket.send(self.answer(request))
            }
        }
    }

    /// The answer to a request: version, id, domain, address, identity, mechanism, key.
    func answer(_ request: [[UInt8]]) -> [[UInt8]] {
        func text(_ number: Int) -> String { String(decoding: request[number], as: UTF8.self) }
        let version = Array("1.0".utf8)
        guard request.count >= 6, request[0] == version else {
            return [
                version, request.count > 1 ? request[1] : [], Array("500".utf8), Array("Not understood".utf8), [], [],
            ]
        }
        let key = text(5) == "CURVE" && request.count == 7 ? CurveKeyPair.text(ofKey: request[6]) : nil
        if let key, allowed.contains(key) {
            state.withLock { $0.allowed += 1 }
            return [version, request[1], Array("200".utf8), Array("OK".utf8), Array(key.utf8), []]
        }
        state.withLock { $0.refused += 1 }
        onRefusal(key ?? "", text(3))
        return [version, request[1], Array("400".utf8), Array("Not allowed".utf8), [], []]
    }
}
