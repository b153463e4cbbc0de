import CZeroMQ

/// The kinds of sockets that are used here.
public enum SocketKind: Sendable {
    /// Receives what it subscribes to.
    case subscriber
    /// Sends to all that subscribe.
    case publisher
    /// Sends to all that subscribe, and receives their subscriptions.
    case subscribedPublisher
    /// Sends to and receives from one of many peers, by its identity.
    case router
    /// Sends to and receives from a router.
    case dealer
    /// Talks with exactly one peer.
    case pair
    /// Answers requests one by one.
    case reply

    var number: Int32 {
        switch self {
        case .subscriber: ZMQ_SUB
        case .publisher: ZMQ_PUB
        case .subscribedPublisher: ZMQ_XPUB
        case .router: ZMQ_ROUTER
        case .dealer: ZMQ_DEALER
        case .pair: ZMQ_PAIR
        case .reply: ZMQ_REP
        }
    }
}

/// How a socket behaves; whatever it is, closing it never waits for messages that were not sent.
public struct SocketOptions: Sendable {
    /// The most messages that wait to be sent to one peer.
    public var sendQueue = 64
    /// The most messages from one peer that wait to be received.
    public var receiveQueue = 64
    /// The largest part of a message in bytes; a peer that sends a larger one is disconnected.
    public var largestPart = 64 << 20
    /// How often a silent peer is asked whether it is there, in ms; 0 for never.
    public var heartbeatInterval = 1_000
    /// How long such a question may remain without an answer before the connection is given up, in ms.
    public var heartbeatTimeout = 5_000
    /// How long to wait before connecting again at first, in ms.
    public var reconnectInterval = 100
    /// How long to wait before connecting again at most, in ms.
    public var longestReconnectInterval = 2_000
    /// Keys; nil for a plain socket.
    public var curve: CurveRole?

    /// The defaults.
    public init() {}
}

/// Which side of an encrypted connection a socket is.
public enum CurveRole: Sendable {
    /// Peers connect, and must know this key pair's public key and be allowed by a ``KeyAuthenticator``.
    case server(CurveKeyPair)
    /// Connects to a peer with this public key (Z85).
    case client(CurveKeyPair, server: String)
}
