import Settings

/// How a ``StreamPublisher`` works.
public struct PublisherSettings: Sendable {
    /// The address that subscribers connect to.
    public var publish: String
    /// The address where they ask for messages again; nil for the port after `publish`'s.
    public var resend: String?
    /// The most messages that wait for a slow subscriber.
    public var queue = 64
    /// The most messages that can be had again.
    public var keptMessages = 4_096
    /// The most bytes of messages that can be had again.
    public var keptBytes = 256 << 20
    /// The most bytes that wait for the publisher's own thread.
    public var waitingBytes = 256 << 20
    /// How often subscribers are told how far the numbers go.
    public var heartbeatInterval = Duration.milliseconds(500)

    /// The defaults at an address.
    public init(publish: String, resend: String? = nil) {
        (self.publish, self.resend) = (publish, resend)
    }

    /// What the daemon publishes.
    public init(_ settings: OutputSettings) {
        self.init(publish: settings.publish, resend: settings.resend)
        queue = settings.queue
    }
}

/// What becomes of a published message; all but ``sent`` is for tests and for rehearsing faults.
public enum Delivery: Sendable {
    /// It is sent, and kept to be had again.
    case sent
    /// It is not sent, but can be had again: a message lost on the way, or one that ``StreamPublisher/sendAgain(_:)``
    /// sends later.
    case withheld
    /// It is neither sent nor kept: a message lost for good.
    case lost
    /// Its parts are sent changed, and kept as they are.
    case damaged(@Sendable ([[UInt8]]) -> [[UInt8]])
}

/// How much a publisher has done.
public struct PublisherCounters: Sendable, Equatable {
    /// Messages that got a number.
    public var published: UInt64 = 0
    /// Messages that were not sent because too many bytes waited for the publisher's own thread; they can be had again.
    public var dropped = 0
    /// Messages that were sent again on request.
    public var resent = 0
    /// Requests that could not be read.
    public var refused = 0
    /// Peers that were turned away for their keys.
    public var strangers = 0
    /// Subscriptions at this time.
    public var subscriptions = 0

    /// Nothing yet.
    public init() {}
}
