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
        try ConnectionAuthenticator.start(on: loop) { self.answer($0) }
    }

    private func answer(_ request: ConnectionRequest) -> ConnectionAuthenticator.Answer {
        if let key = request.key, allowed.contains(key) {
            state.withLock { $0.allowed += 1 }
            return .allowed(user: key)
        }
        state.withLock { $0.refused += 1 }
        onRefusal(request.key ?? "", request.address)
        return .refused
    }
}
