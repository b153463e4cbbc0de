/// What keeps a stream together; these headers have no session, run and number of their own.
public protocol ControlBody: Codable, Sendable {
    /// The topic under which it is sent.
    static var topic: Topic { get }

    /// The version of the protocol.
    var version: Int { get }
    /// The identity of the publisher that it is about.
    var publisher: String { get }

    /// Throws if a field is out of its range.
    func check(_ limits: MessageLimits) throws(WireError)
}

/// How far a publisher's numbers go (topic `heartbeat`), sent at an interval, so that a lost tail is noticed.
public struct Heartbeat: ControlBody, Equatable {
    /// The topic.
    public static let topic = Topic.heartbeat

    /// The version of the protocol.
    public var version = MessageStamp.version
    /// The identity of the publisher.
    public var publisher: String
    /// The number that the next message will have: all below were sent.
    public var next: UInt64
    /// The lowest number that can be had again; equal to ``next`` if none can.
    public var oldest: UInt64
    /// When it was sent, in s since 1970 on the publisher's clock.
    public var sentAt: Double

    enum CodingKeys: String, CodingKey {
        case version = "protocol"
        case publisher, next, oldest, sentAt
    }

    /// Describes how far a publisher is.
    public init(publisher: String, next: UInt64, oldest: UInt64, sentAt: Double) {
        (self.publisher, self.next, self.oldest, self.sentAt) = (publisher, next, oldest, sentAt)
    }

    /// Throws if a field is out of its range.
    public func check(_ limits: MessageLimits) throws(WireError) {
        try Check.name(publisher, "publisher", limits)
        try Check.time(sentAt, "sentAt")
        guard oldest <= next, next < 1 << 62 else {
            throw WireError(.malformed, "heartbeat", "counts from \(oldest) to \(next)")
        }
    }
}

/// A request for messages again (topic `resend`), sent to the publisher's resend socket.
public struct ResendRequest: ControlBody, Equatable {
    /// The topic.
    public static let topic = Topic.resend

    /// The version of the protocol.
    public var version = MessageStamp.version
    /// The identity of the publisher whose numbers are meant; another publisher answers that it has none of them.
    public var publisher: String
    /// The first number.
    public var from: UInt64
    /// The last number.
    public var through: UInt64

    enum CodingKeys: String, CodingKey {
        case version = "protocol"
        case publisher, from, through
    }

    /// Asks for messages.
    public init(publisher: String, from: UInt64, through: UInt64) {
        (self.publisher, self.from, self.through) = (publisher, from, through)
    }

    /// Throws if a field is out of its range.
    public func check(_ limits: MessageLimits) throws(WireError) {
        try Check.name(publisher, "publisher", limits)
        guard from <= through, through < 1 << 62 else {
            throw WireError(.malformed, "resend", "asks for \(from) through \(through)")
        }
    }
}

/// The end of the answer to a request (topic `resent`), after the messages themselves.
public struct ResendAnswer: ControlBody, Equatable {
    /// The topic.
    public static let topic = Topic.resent

    /// The version of the protocol.
    public var version = MessageStamp.version
    /// The identity of the publisher that answers.
    public var publisher: String
    /// The first number that was asked for.
    public var from: UInt64
    /// The last number that this answer is about; a long request gets a part of it answered at a time.
    public var through: UInt64
    /// The lowest number that can be had again; what was asked for below it is gone.
    public var oldest: UInt64
    /// The number that the next message will have.
    public var next: UInt64

    enum CodingKeys: String, CodingKey {
        case version = "protocol"
        case publisher, from, through, oldest, next
    }

    /// Ends an answer.
    public init(publisher: String, from: UInt64, through: UInt64, oldest: UInt64, next: UInt64) {
        (self.publisher, self.from, self.through) = (publisher, from, through)
        (self.oldest, self.next) = (oldest, next)
    }

    /// Throws if a field is out of its range.
    public func check(_ limits: MessageLimits) throws(WireError) {
        try Check.name(publisher, "publisher", limits)
        guard from <= through, through < 1 << 62, oldest <= next, next < 1 << 62 else {
            throw WireError(.malformed, "resent", "answers \(from) through \(through) of \(oldest) to \(next)")
        }
    }
}

extension WireMessage {
    /// Encodes what keeps a stream together.
    public init<Body: ControlBody>(_ body: Body) throws(WireError) {
        try body.check(MessageLimits())
        self.init(topic: Body.topic, header: try HeaderCoding.encode(body))
    }

    /// What keeps a stream together, with everything in its range.
    public func decode<Body: ControlBody>(
        _ type: Body.Type,
        _ limits: MessageLimits = MessageLimits()
    ) throws(WireError) -> Body {
        guard topic == Body.topic else {
            throw WireError(.malformed, "topic", "is \(topic.rawValue), not \(Body.topic.rawValue)")
        }
        let body = try HeaderCoding.decode(type, from: header, limits)
        try MessageStamp.checkVersion(body.version)
        try body.check(limits)
        try Check.noPayload(payload)
        return body
    }
}
