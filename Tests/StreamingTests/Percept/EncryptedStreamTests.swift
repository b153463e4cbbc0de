import Foundation
import Neuroimaging
import Settings
import Testing
import WireFormat

@testable import Streaming

@Suite("An encrypted stream")
struct EncryptedStreamTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stream-\(UUID().uuidString)")
    private let publisherKeys: CurveKeyPair
    private let friendKeys: CurveKeyPair

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        publisherKeys = try CurveKeyPair()
        friendKeys = try CurveKeyPair()
    }

    private func settings(_ keys: CurveKeyPair?, publisher: String?) throws -> SecuritySettings {
        var settings = SecuritySettings()
        if let keys {
            let path = folder.appendingPathComponent(UUID().uuidString).path
            try keys.write(to: path)
            settings.key = path
        }
        settings.publisher = publisher
        return settings
    }

    private func makeEncryptedPublisher() async throws -> StreamPublisher {
        try await makePublisher(security: SocketSecurity(keys: publisherKeys, allowed: [friendKeys.publicKey]))
    }

    @Test("who is allowed gets everything, what was missed too")
    func friend() async throws {
        let publisher = try await makeEncryptedPublisher()
        for onset in 0..<3 {
            try publisher.publish(EventBody(onset: Double(onset)), topic: .event, session: "s", run: "r")
        }
        let security = try settings(friendKeys, publisher: publisherKeys.publicKey)
        try await listening(to: publisher, security: security) { _, inbox in
            #expect(await eventually { inbox.onsets == [0, 1, 2] })
        }
        #expect(publisher.counters.strangers == 0)
        await publisher.close()
    }

    @Test("a stranger, a plain peer, and one that expects another publisher get nothing, and each is noticed")
    func others() async throws {
        let publisher = try await makeEncryptedPublisher()
        try publisher.publish(EventBody(onset: 0), topic: .event, session: "s", run: "r")
        let others = [
            try settings(try CurveKeyPair(), publisher: publisherKeys.publicKey), try settings(nil, publisher: nil),
            try settings(friendKeys, publisher: try CurveKeyPair().publicKey),
        ]
        for security in others {
            try await listening(to: publisher, security: security) { _, inbox in
                #expect(await eventually { inbox.faults.contains { $0.code == .refused || $0.code == .disconnected } })
                #expect(inbox.onsets.isEmpty)
            }
        }
        #expect(publisher.counters.strangers > 0)
        await publisher.close()
    }

    @Test("what is not safe does not start")
    func unsafe() async throws {
        let open = PublisherSettings(publish: "tcp://0.0.0.0:*")
        await #expect(throws: StreamingError.self) { try await StreamPublisher(open) }
        let split = PublisherSettings(publish: "tcp://127.0.0.1:*", resend: "tcp://0.0.0.0:*")
        await #expect(throws: StreamingError.self) { try await StreamPublisher(split) }
        let unlisted = SocketSecurity(keys: publisherKeys)
        await #expect(throws: StreamingError.self) {
            try await StreamPublisher(PublisherSettings(publish: "tcp://127.0.0.1:*"), security: unlisted)
        }
        let publisher = try await makeEncryptedPublisher()
        var missing = SecuritySettings()
        missing.key = folder.appendingPathComponent("none").path
        let source = PerceptSource(listeningSettings(publisher), security: missing)
        await #expect(throws: StreamingError.self) { try await source.run(resumingAt: nil) { _ in } }
        let keyless = PerceptSource(
            listeningSettings(publisher),
            security: try settings(nil, publisher: publisherKeys.publicKey)
        )
        await #expect(throws: StreamingError.self) { try await keyless.run(resumingAt: nil) { _ in } }
        await publisher.close()
    }
}
