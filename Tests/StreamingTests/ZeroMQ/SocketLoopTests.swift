import Testing

@testable import Streaming

@Suite("The socket loop")
struct SocketLoopTests {
    @Test("carries messages of several parts both ways between two pairs")
    func pairs() async throws {
        let (one, other) = (try TestEndpoint(), try TestEndpoint())
        try await one.open(.pair)
        try await other.open(.pair)
        try await other.connect(try await one.bind())
        let message: [[UInt8]] = [[1, 2], [], [UInt8](repeating: 7, count: 300_000)]
        #expect(await eventually { await other.send(message) })
        var received: [[[UInt8]]] = []
        #expect(
            await eventually {
                received += await one.take()
                return !received.isEmpty
            }
        )
        #expect(received == [message])
        await one.send([[9]])
        #expect(await eventually { await other.take() == [[[9]]] })
        await one.shutDown()
        await other.shutDown()
    }

    @Test("says when a peer comes and goes")
    func events() async throws {
        let (one, other) = (try TestEndpoint(), try TestEndpoint())
        try await one.open(.pair)
        try await other.open(.pair)
        try await other.connect(try await one.bind())
        #expect(await eventually { await one.events.contains { if case .connected = $0 { true } else { false } } })
        await other.shutDown()
        #expect(await eventually { await one.events.contains { if case .disconnected = $0 { true } else { false } } })
        await one.shutDown()
    }

    @Test("frees a port before its shut-down returns, and answers calls after it")
    func shutDown() async throws {
        let first = try TestEndpoint()
        try await first.open(.publisher)
        let address = try await first.bind()
        for _ in 0..<10 {
            let inUse = try TestEndpoint()
            try await inUse.open(.publisher)
            await #expect(throws: StreamingError.self) { try await inUse.bind(address) }
        }
        await first.shutDown()
        let second = try TestEndpoint()
        try await second.open(.publisher)
        #expect(try await second.bind(address) == address)
        #expect(await first.take().isEmpty)
        await #expect(throws: StreamingError.self) { try await first.open(.publisher) }
        await second.shutDown()
    }

    @Test("disconnects a peer whose part is too large, and goes on")
    func largestPart() async throws {
        let (server, client) = (try TestEndpoint(), try TestEndpoint())
        var options = SocketOptions()
        options.largestPart = 1000
        try await server.open(.router, options)
        try await client.open(.dealer)
        try await client.connect(try await server.bind())
        #expect(await eventually { await client.send([[UInt8](repeating: 0, count: 1001)]) })
        #expect(
            await eventually { await server.events.contains { if case .disconnected = $0 { true } else { false } } }
        )
        // It comes back by itself; what it sends meanwhile may be lost with the connection.
        #expect(
            await eventually {
                await client.send([[5]])
                return await server.take().contains { $0.count == 2 && $0[1] == [5] }
            }
        )
        await server.shutDown()
        await client.shutDown()
    }

    @Test("throws away a message with too many parts or bytes whole")
    func messageLimits() async throws {
        let loop = try SocketLoop(name: "test")
        let outcomes = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<[String], any Error>) in
            loop.perform {
                continuation.resume(
                    with: Result {
                        let (one, other) = (try loop.makeSocket(.pair), try loop.makeSocket(.pair))
                        try one.bind("inproc://limits")
                        try other.connect("inproc://limits")
                        other.send([[1], [2], [3]])
                        other.send([[1, 1, 1, 1], [2, 2, 2]])
                        other.send([[1], [2]])
                        return (0..<4).map { _ in "\(one.receive(mostParts: 2, mostBytes: 6))" }
                    }
                )
            }
        }
        #expect(
            outcomes == [
                "tooLarge(parts: 3, bytes: 3)", "tooLarge(parts: 2, bytes: 7)", "message([[1], [2]])", "nothing",
            ]
        )
        await loop.shutDown()
    }

    @Test("keeps time while nothing comes")
    func timers() async throws {
        let endpoint = try TestEndpoint()
        let start = ContinuousClock.now
        await endpoint.sleepOnLoop(.milliseconds(30))
        #expect(ContinuousClock.now - start >= .milliseconds(30))
        await endpoint.shutDown()
    }
}
