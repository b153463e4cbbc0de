import Foundation
import Synchronization
import WireFormat

@testable import Live

/// Keeps what is published.
final class CollectedPublication: Publication {
    struct Message {
        var topic: Topic
        var run: String
        var body: any MessageBody
        var payload: [[UInt8]]
    }

    private let kept = Mutex<[Message]>([])

    var messages: [Message] { kept.withLock { $0 } }

    func bodies<Body: MessageBody>(_ type: Body.Type = Body.self) -> [Body] { messages.compactMap { $0.body as? Body } }

    func publish(_ body: some MessageBody, topic: Topic, session: String, run: String, payload: [[UInt8]]) {
        kept.withLock { $0.append(Message(topic: topic, run: run, body: body, payload: payload)) }
    }
}

/// Keeps what is to be recorded.
final class CollectedRecords: RecordSink {
    private let kept = Mutex<[RecordItem]>([])

    var items: [RecordItem] { kept.withLock { $0 } }

    func offer(_ item: RecordItem) { kept.withLock { $0.append(item) } }
}
