import Synchronization

@testable import Streaming

/// A socket on a loop, driven from a test.
actor TestEndpoint {
    private let loop: SocketLoop
    private var socket: ZeroMQSocket?
    private var received: [[[UInt8]]] = []
    private(set) var refusals = 0
    private(set) var events: [ConnectionEvent] = []
    private var authenticator: KeyAuthenticator?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ name: String = "test") throws {
        loop = try SocketLoop(name: name)
    }

    /// Allows keys to connect.
    func allow(_ keys: Set<String>) throws {
        authenticator = try KeyAuthenticator(on: loop, allowed: keys) { _, _ in }
    }

    var counters: KeyAuthenticator.Counters? { authenticator?.counters }

    /// Makes the socket; what it receives is kept.
    func open(_ kind: SocketKind, _ options: SocketOptions = SocketOptions(), isReading: Bool = true) throws {
        let socket = try loop.makeSocket(kind, options)
        if kind == .subscriber { try socket.subscribe("") }
        try loop.onEvents(of: socket) { [weak self] event in self?.assumeIsolated { $0.events.append(event) } }
        if isReading { loop.onMessages(of: socket) { [weak self] _ in self?.assumeIsolated { $0.read() } } }
        self.socket = socket
    }

    func bind(_ address: String = "tcp://127.0.0.1:*") throws -> String {
        try socket?.bind(address)
        return socket?.address ?? ""
    }

    func connect(_ address: String) throws { try socket?.connect(address) }

    @discardableResult
    func send(_ parts: [[UInt8]]) -> Bool { socket?.send(parts) ?? false }

    private func read() {
        while case .message(let parts)? = socket?.receive() { received.append(parts) }
    }

    /// Takes what was received.
    func take() -> [[[UInt8]]] {
        defer { received = [] }
        return received
    }

    /// Calls a handler after some time, and waits for it.
    func sleepOnLoop(_ delay: Duration) async {
        await withCheckedContinuation { continuation in loop.after(delay) { continuation.resume() } }
    }

    func shutDown() async { await loop.shutDown() }
}

/// Waits until something holds, or a minute has passed; returns whether it does.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return false
}
