/// A message as its parts: topic, header and payload.
///
/// A header is JSON, so decoding one is worth doing once: ``decode(_:_:)`` checks everything that it says.
public struct WireMessage: Sendable, Equatable {
    /// What it is about.
    public var topic: Topic
    /// The header: a JSON object in UTF-8.
    public var header: [UInt8]
    /// What follows: voxels, or an image.
    public var payload: [[UInt8]]

    /// Puts a message together from what is encoded already.
    public init(topic: Topic, header: [UInt8], payload: [[UInt8]] = []) {
        self.topic = topic
        self.header = header
        self.payload = payload
    }

    /// Takes parts apart; throws `malformed` or `tooLarge` if they are not topic, header and payload.
    public init(parts: [[UInt8]], limits: MessageLimits = MessageLimits()) throws(WireError) {
        guard (2...max(2, limits.parts)).contains(parts.count) else {
            throw WireError(
                parts.count > limits.parts ? .tooLarge : .malformed,
                "message",
                "has \(parts.count) parts, not a topic, a header and at most \(limits.parts - 2) more"
            )
        }
        guard parts[0].count <= 32, let topic = Topic(rawValue: String(decoding: parts[0], as: UTF8.self)) else {
            throw WireError(.unsupported, "topic", "is unknown: \(Self.shown(parts[0]))")
        }
        guard parts[1].count <= limits.headerBytes else {
            throw WireError(.tooLarge, "header", "has \(parts[1].count) bytes; at most \(limits.headerBytes) are taken")
        }
        self.init(topic: topic, header: parts[1], payload: Array(parts[2...]))
    }

    /// Encodes a message; throws what ``decode(_:_:)`` would throw for it.
    public init<Body: MessageBody>(
        _ body: Body,
        topic: Topic,
        stamp: MessageStamp,
        payload: [[UInt8]] = []
    ) throws(WireError) {
        precondition(Body.topics.contains(topic), "a message has a topic that its body can have")
        let limits = MessageLimits()
        try stamp.check(limits)
        try body.check(payload: payload, limits)
        let header = try HeaderCoding.encode(MessageHeader(stamp: stamp, body: body))
        self.init(topic: topic, header: header, payload: payload)
    }

    /// The parts, as they are sent.
    public var parts: [[UInt8]] { [Array(topic.rawValue.utf8), header] + payload }

    /// The bytes of all parts.
    public var byteCount: Int { payload.reduce(topic.rawValue.utf8.count + header.count) { $0 + $1.count } }

    /// What the message says of itself.
    public func stamp(_ limits: MessageLimits = MessageLimits()) throws(WireError) -> MessageStamp {
        let stamp = try HeaderCoding.decode(MessageStamp.self, from: header, limits)
        try stamp.check(limits)
        return stamp
    }

    /// The header, with everything in its range and the payload of the size that it says.
    ///
    /// Throws `malformed`, `unsupported` or `tooLarge`; the checksum is the caller's to verify.
    public func decode<Body: MessageBody>(
        _ type: Body.Type,
        _ limits: MessageLimits = MessageLimits()
    ) throws(WireError) -> MessageHeader<Body> {
        guard Body.topics.contains(topic) else {
            throw WireError(.malformed, "topic", "is \(topic.rawValue), which has another header")
        }
        let decoded = try HeaderCoding.decode(MessageHeader<Body>.self, from: header, limits)
        try decoded.stamp.check(limits)
        try decoded.body.check(payload: payload, limits)
        return decoded
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(32).map { (33...126).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
