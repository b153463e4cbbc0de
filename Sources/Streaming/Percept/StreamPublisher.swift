import Foundation
import Neuroimaging
import Synchronization
import WireFormat

/// Publishes numbered messages, and sends those again that subscribers have missed.
///
/// ``publish(_:topic:session:run:payload:delivery:)`` may be called from any thread and never waits: the sockets are on
/// a thread of their own. What is too much for a slow subscriber is dropped for that one, which may ask for it again.
public final class StreamPublisher: Sendable {
    /// What all threads share.
    final class Shared: Sendable {
        struct State {
            var next: UInt64 = 0
            var ring: MessageRing
            var outbox: [[[UInt8]]] = []
            var waitingBytes = 0
            var counters = PublisherCounters()
            var waiters: [UUID: CheckedContinuation<Bool, Never>] = [:]
        }

        let identity: String
        let settings: PublisherSettings
        let state: Mutex<State>

        init(identity: String, settings: PublisherSettings) {
            (self.identity, self.settings) = (identity, settings)
            state = Mutex(State(ring: MessageRing(capacity: (settings.keptMessages, settings.keptBytes))))
        }
    }

    /// What tells this publisher from others, and from itself before a restart.
    public let identity: String
    /// The address that subscribers connect to.
    public let address: String
    /// The address where they ask for messages again.
    public let resendAddress: String
    private let shared: Shared
    private let sockets: PublisherSockets

    /// Binds the sockets.
    ///
    /// - Parameters:
    ///   - settings: The addresses and limits.
    ///   - name: What the publisher's identity begins with, and its thread is called.
    ///   - security: Who may connect.
    ///   - onFault: Is called on the publisher's thread with what happens to connections.
    /// - Throws: `StreamingError` if an address cannot be bound or is not safe to bind.
    public init(
        _ settings: PublisherSettings,
        name: String = "publisher",
        security: SocketSecurity = .plain,
        onFault: @escaping @Sendable (SourceFault) -> Void = { _ in }
    ) async throws {
        identity = "\(name)-\(UUID().uuidString.lowercased())"
        shared = Shared(identity: identity, settings: settings)
        sockets = try PublisherSockets(name: name, shared: shared, security: security, onFault: onFault)
        do {
            (address, resendAddress) = try await sockets.start()
        } catch {
            await sockets.shutDown()
            throw error
        }
    }

    /// How much has been done.
    public var counters: PublisherCounters {
        shared.state.withLock { state in
            var counters = state.counters
            counters.published = state.next
            return counters
        }
    }

    /// Gives a message the next number and sends it; returns the number.
    ///
    /// Throws `WireError` if the body or payload is not what subscribers accept; then no number is used.
    @discardableResult
    public func publish<Body: MessageBody>(
        _ body: Body,
        topic: Topic,
        session: String,
        run: String,
        payload: [[UInt8]] = [],
        delivery: Delivery = .sent
    ) throws(WireError) -> UInt64 {
        // Numbers are given and messages queued under one lock, so that they leave in the order of their numbers.
        let result = shared.state.withLock { state -> Result<UInt64, WireError> in
            let sequence = state.next
            let stamp = MessageStamp(
                session: session,
                run: run,
                publisher: identity,
                sequence: sequence,
                sentAt: Date().timeIntervalSince1970
            )
            do throws(WireError) {
                let parts = try WireMessage(body, topic: topic, stamp: stamp, payload: payload).parts
                state.next += 1
                switch delivery {
                case .lost: break
                case .withheld: state.ring.append(sequence, parts)
                case .sent:
                    state.ring.append(sequence, parts)
                    enqueue(parts, &state)
                case .damaged(let change):
                    state.ring.append(sequence, parts)
                    enqueue(change(parts), &state)
                }
                return .success(sequence)
            } catch {
                return .failure(error)
            }
        }
        sockets.flush()
        return try result.get()
    }

    /// Sends a message that is kept once more; returns false if it is not kept.
    @discardableResult
    public func sendAgain(_ sequence: UInt64) -> Bool {
        let isKept = shared.state.withLock { state in
            guard let parts = state.ring[sequence] else { return false }
            enqueue(parts, &state)
            return true
        }
        sockets.flush()
        return isKept
    }

    /// Sends parts as they are, without a number: for rehearsing what a broken peer may send.
    public func sendRaw(_ parts: [[UInt8]]) {
        shared.state.withLock { enqueue(parts, &$0) }
        sockets.flush()
    }

    /// Closes the sockets for some time, as if the network were cut, and binds them again.
    public func interrupt(for duration: Duration) async {
        await sockets.interrupt(for: duration)
    }

    /// Waits until somebody has subscribed; returns false if nobody has in time.
    public func waitForSubscriber(timeout: Duration) async -> Bool {
        let id = UUID()
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await withTaskCancellationHandler {
                    await withCheckedContinuation { continuation in
                        let isReady: Bool? = self.shared.state.withLock { state in
                            if state.counters.subscriptions > 0 { return true }
                            if Task.isCancelled { return false }
                            state.waiters[id] = continuation
                            return nil
                        }
                        if let isReady { continuation.resume(returning: isReady) }
                    }
                } onCancel: {
                    let waiter = self.shared.state.withLock { $0.waiters.removeValue(forKey: id) }
                    waiter?.resume(returning: false)
                }
            }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return false
            }
            let isReady = await group.next() ?? false
            group.cancelAll()
            return isReady
        }
    }

    /// Closes the sockets once everything published so far has left, or after a second.
    ///
    /// What a subscriber has missed cannot be had again then, so a publisher that is not in a hurry stays a little
    /// longer.
    public func close() async {
        await sockets.shutDown()
    }

    private func enqueue(_ parts: [[UInt8]], _ state: inout Shared.State) {
        let bytes = parts.reduce(0) { $0 + $1.count }
        guard state.outbox.isEmpty || state.waitingBytes + bytes <= shared.settings.waitingBytes else {
            state.counters.dropped += 1
            return
        }
        state.outbox.append(parts)
        state.waitingBytes += bytes
    }
}
