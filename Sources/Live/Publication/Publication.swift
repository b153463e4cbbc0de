import WireFormat

/// Where results go; never waits for a subscriber.
public protocol Publication: Sendable {
    /// Sends a message to whoever listens.
    func publish(_ body: some MessageBody, topic: Topic, session: String, run: String, payload: [[UInt8]])
}
