import Logging
import Streaming
import WireFormat

/// Results on their way to subscribers over ZeroMQ.
public struct StreamPublication: Publication {
    private let publisher: StreamPublisher
    private let log: Logger

    /// Sends with a publisher; what it refuses is a mistake of ours and logged.
    public init(_ publisher: StreamPublisher, log: Logger) {
        self.publisher = publisher
        self.log = log
    }

    /// Sends a message to whoever listens.
    public func publish(_ body: some MessageBody, topic: Topic, session: String, run: String, payload: [[UInt8]]) {
        do throws(WireError) {
            try publisher.publish(body, topic: topic, session: session, run: run, payload: payload)
        } catch {
            log.error("a message cannot be published", metadata: ["topic": "\(topic.rawValue)", "why": "\(error)"])
        }
    }
}
