/// What every numbered message says of itself.
public struct MessageStamp: Sendable, Equatable, Codable {
    /// The version of the protocol that is spoken here.
    public static let version = 1

    /// The session.
    public var session: String
    /// The run.
    public var run: String
    /// The publisher's identity, another one after each of its starts.
    public var publisher: String
    /// The number of the message among all of the publisher, from 0 without gaps.
    public var sequence: UInt64
    /// When it was sent, in s since 1970 on the publisher's clock.
    public var sentAt: Double

    enum CodingKeys: String, CodingKey {
        case version = "protocol"
        case session, run, publisher, sequence, sentAt
    }

    /// Describes a message.
    public init(session: String, run: String, publisher: String, sequence: UInt64, sentAt: Double) {
        self.session = session
        self.run = run
        self.publisher = publisher
        self.sequence = sequence
        self.sentAt = sentAt
    }

    /// Reads a stamp; throws ``WireError`` `unsupported` for another version of the protocol.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try Self.checkVersion(try container.decode(Int.self, forKey: .version))
        session = try container.decode(String.self, forKey: .session)
        run = try container.decode(String.self, forKey: .run)
        publisher = try container.decode(String.self, forKey: .publisher)
        sequence = try container.decode(UInt64.self, forKey: .sequence)
        sentAt = try container.decode(Double.self, forKey: .sentAt)
    }

    /// Writes the stamp, with the version of the protocol.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.version, forKey: .version)
        try container.encode(session, forKey: .session)
        try container.encode(run, forKey: .run)
        try container.encode(publisher, forKey: .publisher)
        try container.encode(sequence, forKey: .sequence)
        try container.encode(sentAt, forKey: .sentAt)
    }

    static func checkVersion(_ version: Int) throws(WireError) {
        guard version == Self.version else {
            throw WireError(
                .unsupported,
                "protocol",
                "is version \(version); version \(Self.version) is spoken here: bring both sides to the same release"
            )
        }
    }

    func check(_ limits: MessageLimits) throws(WireError) {
        try Check.name(session, "session", limits)
        try Check.name(run, "run", limits)
        try Check.name(publisher, "publisher", limits)
        try Check.time(sentAt, "sentAt")
        guard sequence < 1 << 62 else { throw WireError(.tooLarge, "sequence", "is \(sequence)") }
    }
}

/// What a message says besides its stamp: the other fields of the same JSON object.
public protocol MessageBody: Codable, Sendable {
    /// The topics under which it is published.
    static var topics: Set<Topic> { get }

    /// Throws if a field is out of its range, or the payload is not what the fields say.
    func check(payload: [[UInt8]], _ limits: MessageLimits) throws(WireError)
}

/// A message's header: stamp and body in one JSON object.
public struct MessageHeader<Body: MessageBody>: Codable, Sendable {
    /// What every message says.
    public var stamp: MessageStamp
    /// What this message says.
    public var body: Body

    /// Puts a header together.
    public init(stamp: MessageStamp, body: Body) {
        self.stamp = stamp
        self.body = body
    }

    /// Reads both from the same object; fields that neither knows are ignored.
    public init(from decoder: any Decoder) throws {
        stamp = try MessageStamp(from: decoder)
        body = try Body(from: decoder)
    }

    /// Writes both into the same object.
    public func encode(to encoder: any Encoder) throws {
        try stamp.encode(to: encoder)
        try body.encode(to: encoder)
    }
}
