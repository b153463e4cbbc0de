import CZeroMQ
import Foundation
import Neuroimaging
import WireFormat

/// The sockets of a ``StreamPublisher``, on their thread.
actor PublisherSockets {
    /// The most messages and bytes of one answer to a request; who wants more asks again.
    private static let answer = (messages: 16, bytes: 8 << 20)

    private let loop: SocketLoop
    private let shared: StreamPublisher.Shared
    private let security: SocketSecurity
    private let onFault: @Sendable (SourceFault) -> Void
    private var faults = FaultLimiter()
    private var authenticator: KeyAuthenticator?
    private var publisher: ZeroMQSocket?
    private var resender: ZeroMQSocket?
    private var addresses = (publish: "", resend: "")
    private var isShutDown = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        name: String,
        shared: StreamPublisher.Shared,
        security: SocketSecurity,
        onFault: @escaping @Sendable (SourceFault) -> Void
    ) throws(StreamingError) {
        loop = try SocketLoop(name: name)
        (self.shared, self.security, self.onFault) = (shared, security, onFault)
    }

    /// Binds the sockets; returns their addresses.
    func start() throws -> (publish: String, resend: String) {
        let settings = shared.settings
        let resend = if let resend = settings.resend { resend } else { try SocketAddress.next(settings.publish) }
        // Checked for both before anything is open.
        let roles = (try security.role(binding: settings.publish), try security.role(binding: resend))
        if roles.0 != nil {
            authenticator = try KeyAuthenticator(on: loop, allowed: security.allowed) { [weak self] key, peer in
                self?.assumeIsolated { $0.refuse(key, peer) }
            }
        }
        try open(publish: settings.publish, resend: resend)
        beat()
        return addresses
    }

    private func open(publish: String, resend: String) throws {
        var options = SocketOptions()
        options.sendQueue = max(1, shared.settings.queue)
        options.largestPart = 1 << 20
        options.curve = try security.role(binding: publish)
        let publisher = try loop.makeSocket(.subscribedPublisher, options)
        self.publisher = publisher
        try publisher.set(ZMQ_XPUB_VERBOSER, 1)
        try loop.onEvents(of: publisher) { [weak self] event in self?.assumeIsolated { $0.notice(event) } }
        loop.onMessages(of: publisher) { [weak self] _ in self?.assumeIsolated { $0.readSubscriptions() } }
        try publisher.bind(publish)

        options.sendQueue = Self.answer.messages * 4
        options.curve = try security.role(binding: resend)
        let resender = try loop.makeSocket(.router, options)
        self.resender = resender
        loop.onMessages(of: resender) { [weak self] _ in self?.assumeIsolated { $0.readRequest() } }
        try resender.bind(resend)
        addresses = (publisher.address, resender.address)
    }

    /// Sends what waits, from any thread.
    nonisolated func flush() {
        loop.perform { [weak self] in _ = self?.assumeIsolated { $0.sendWaiting() } }
    }

    func interrupt(for duration: Duration) {
        closeSockets()
        loop.after(duration) { [weak self] in self?.assumeIsolated { $0.reopen() } }
    }

    func shutDown() async {
        sendWaiting()
        isShutDown = true
        // What is on its way has a second to leave.
        for socket in [publisher, resender] { try? socket?.set(ZMQ_LINGER, 1_000) }
        await loop.shutDown()
        let waiters = shared.state.withLock { state in
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: false) }
    }

    private func closeSockets() {
        for socket in [publisher, resender].compactMap({ $0 }) { loop.close(socket) }
        (publisher, resender) = (nil, nil)
        shared.state.withLock { $0.counters.subscriptions = 0 }
    }

    private func reopen() {
        guard !isShutDown, publisher == nil else { return }
        do {
            try open(publish: addresses.publish, resend: addresses.resend)
        } catch {
            // The system may not have given the port back yet.
            closeSockets()
            report(SourceFault(.unavailable, addresses.publish, "\(error)"))
            loop.after(.milliseconds(50)) { [weak self] in self?.assumeIsolated { $0.reopen() } }
        }
    }

    /// Returns the oldest number that is kept, and the next one after what has now been sent.
    @discardableResult
    private func sendWaiting() -> (oldest: UInt64, next: UInt64) {
        let (waiting, oldest, next) = shared.state.withLock { state in
            defer { (state.outbox, state.waitingBytes) = ([], 0) }
            return (state.outbox, state.ring.oldest ?? state.next, state.next)
        }
        for parts in waiting { publisher?.send(parts) }
        return (oldest, next)
    }

    private func beat() {
        guard !isShutDown else { return }
        // A heartbeat that told of messages still waiting would have them asked for again.
        let (oldest, next) = sendWaiting()
        let time = Date().timeIntervalSince1970
        let heartbeat = Heartbeat(publisher: shared.identity, next: next, oldest: oldest, sentAt: time)
        if let message = try? WireMessage(heartbeat) { publisher?.send(message.parts) }
        loop.after(shared.settings.heartbeatInterval) { [weak self] in self?.assumeIsolated { $0.beat() } }
    }

    private func readSubscriptions() {
        while case .message(let parts)? = publisher?.receive(mostParts: 1, mostBytes: 1 << 16) {
            let change = parts.first?.first == 1 ? 1 : parts.first?.first == 0 ? -1 : 0
            let waiters = shared.state.withLock { state in
                state.counters.subscriptions = max(0, state.counters.subscriptions + change)
                guard state.counters.subscriptions > 0 else { return state.waiters.filter { _ in false } }
                defer { state.waiters = [:] }
                return state.waiters
            }
            for waiter in waiters.values { waiter.resume(returning: true) }
        }
    }

    /// Answers one request; others, and messages to be published, have their turn before the next.
    private func readRequest() {
        switch resender?.receive(mostParts: 3, mostBytes: 1 << 16) {
        case .message(let parts): answer(parts)
        case .tooLarge:
            shared.state.withLock { $0.counters.refused += 1 }
            report(SourceFault(.tooLarge, addresses.resend, "a request for messages is too large; it is not answered"))
        case .nothing, nil: break
        }
    }

    private func answer(_ parts: [[UInt8]]) {
        let peer = parts[0]
        do throws(WireError) {
            let request = try WireMessage(parts: Array(parts.dropFirst())).decode(ResendRequest.self)
            let range = request.from...request.through
            let isOurs = request.publisher == shared.identity
            let (found, through, oldest, next) = shared.state.withLock { state in
                let next = state.next
                guard isOurs else { return ([[[UInt8]]](), range.upperBound, state.ring.oldest ?? next, next) }
                let (found, through) = state.ring.messages(
                    range,
                    most: Self.answer.messages,
                    mostBytes: Self.answer.bytes
                )
                state.counters.resent += found.count
                return (found, through, state.ring.oldest ?? next, next)
            }
            for message in found { resender?.send([peer] + message) }
            let answer = ResendAnswer(
                publisher: shared.identity,
                from: range.lowerBound,
                through: through,
                oldest: oldest,
                next: next
            )
            resender?.send([peer] + (try WireMessage(answer).parts))
        } catch {
            shared.state.withLock { $0.counters.refused += 1 }
            report(SourceFault(.malformed, addresses.resend, "a request for messages cannot be read: \(error)"))
        }
    }

    private func refuse(_ key: String, _ peer: String) {
        shared.state.withLock { $0.counters.strangers += 1 }
        let who = key.isEmpty ? "a peer without a key" : "the key \(key)"
        report(SourceFault(.refused, peer, "\(who) is not in security.allowed; it was turned away"))
    }

    private func notice(_ event: ConnectionEvent) { report(event.fault) }

    private func report(_ fault: SourceFault) {
        if let fault = faults.pass(fault) { onFault(fault) }
    }
}
