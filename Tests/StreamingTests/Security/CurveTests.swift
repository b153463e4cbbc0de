import Testing

@testable import Streaming

/// Test 15 of the reliability list: who gets messages from an encrypted publisher.
@Suite("Encryption", .serialized)
struct CurveTests {
    private let server: CurveKeyPair
    private let friend: CurveKeyPair
    private let stranger: CurveKeyPair

    init() throws {
        server = try CurveKeyPair()
        friend = try CurveKeyPair()
        stranger = try CurveKeyPair()
    }

    /// Publishes until the subscriber has something or the refusal is sure; returns what it has.
    private func received(
        as role: CurveRole?,
        until isRefused: (TestEndpoint, TestEndpoint) async -> Bool = { _, _ in false }
    ) async throws -> Int {
        let (publisher, subscriber) = (try TestEndpoint("publisher"), try TestEndpoint("subscriber"))
        try await publisher.allow([friend.publicKey])
        var options = SocketOptions()
        options.curve = try SocketSecurity(keys: server, allowed: [friend.publicKey]).role(binding: "tcp://127.0.0.1:*")
        try await publisher.open(.publisher, options, isReading: false)
        options.curve = role
        try await subscriber.open(.subscriber, options)
        try await subscriber.connect(try await publisher.bind())
        var count = 0
        #expect(
            await eventually {
                await publisher.send([[1]])
                count += await subscriber.take().count
                if count > 0 { return true }
                return await isRefused(publisher, subscriber)
            }
        )
        count += await subscriber.take().count
        await publisher.shutDown()
        await subscriber.shutDown()
        return count
    }

    @Test("the right key is let in")
    func friendIsLetIn() async throws {
        #expect(try await received(as: .client(friend, server: server.publicKey)) > 0)
    }

    @Test("a stranger's key is turned away, and counted")
    func strangerIsRefused() async throws {
        let count = try await received(as: .client(stranger, server: server.publicKey)) { publisher, _ in
            await publisher.counters?.refused ?? 0 > 0
        }
        #expect(count == 0)
    }

    @Test("a peer without encryption is turned away, and noticed")
    func plainIsRefused() async throws {
        let count = try await received(as: nil) { publisher, _ in
            await publisher.events.contains { if case .refused = $0 { true } else { false } }
        }
        #expect(count == 0)
    }

    @Test("a peer that takes another for the server gets nothing")
    func wrongServer() async throws {
        let count = try await received(as: .client(friend, server: stranger.publicKey)) { publisher, subscriber in
            let events = await publisher.events + subscriber.events
            return events.contains { if case .refused = $0 { true } else { false } }
        }
        #expect(count == 0)
    }
}
