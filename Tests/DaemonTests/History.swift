import Foundation
import Streaming
import Synchronization
import WireFormat

/// What a daemon has published, as a subscriber saw it; what was missed while it was away is not in it.
final class History: Sendable {
    private let kept = Mutex<[ReceivedMessage]>([])
    private let newestStatus = Mutex<StatusBody?>(nil)
    private let subscriber: PerceptSubscriber
    private let task: Task<Void, Never>

    /// Subscribes at an address; the daemon need not be there yet.
    init(_ address: String, security: SocketSecurity = .plain) async throws {
        subscriber = try await PerceptSubscriber(address, security: security, buffer: 100_000)
        let messages = subscriber.messages
        let (store, receive) = AsyncStream.makeStream(of: ReceivedMessage.self)
        task = Task { for await message in messages { receive.yield(message) } }
        Task { [weak self] in for await message in store { self?.keep(message) } }
    }

    private func keep(_ message: ReceivedMessage) {
        if case .status(let status) = message.content {
            newestStatus.withLock { $0 = status }
        } else {
            kept.withLock { $0.append(message) }
        }
    }

    /// Ends the subscription.
    func close() async {
        await subscriber.close()
        task.cancel()
    }

    /// Everything but `status`.
    var messages: [ReceivedMessage] { kept.withLock { $0 } }

    /// The newest `status`.
    var status: StatusBody? { newestStatus.withLock { $0 } }

    /// Forgets the newest `status`, to wait for one of the daemon as it is now.
    func forgetStatus() { newestStatus.withLock { $0 = nil } }

    /// How the subscription has fared.
    var counters: SubscriberCounters { subscriber.counters }

    /// Motion estimates by volume.
    var motions: [(session: String, body: MotionBody)] {
        messages.compactMap { message in
            if case .motion(let body) = message.content { (message.stamp.session, body) } else { nil }
        }
    }

    /// When the motion of each volume arrived.
    var motionArrivals: [(session: String, index: Int, instant: ContinuousClock.Instant)] {
        messages.compactMap { message in
            guard case .motion(let body) = message.content else { return nil }
            return (message.stamp.session, body.index, message.arrival.instant)
        }
    }

    /// Patterns with their values.
    var patterns: [(stamp: MessageStamp, body: PatternBody, values: [UInt8])] {
        messages.compactMap { message in
            guard case .pattern(let body) = message.content else { return nil }
            return (message.stamp, body, message.payload.first ?? [])
        }
    }

    /// The bytes of all patterns.
    var patternBytes: Int { patterns.reduce(0) { $0 + $1.values.count } }

    /// Images, whole ones and previews.
    var images: [(session: String, body: ReconstructionBody, png: [UInt8])] {
        messages.compactMap { message in
            switch message.content {
            case .reconstruction(let body), .preview(let body):
                (message.stamp.session, body, message.payload.first ?? [])
            default: nil
            }
        }
    }

    /// What was said to be safe on disk.
    var acknowledgements: [Acknowledgement] {
        messages.compactMap { message in
            guard case .recorded(let body) = message.content else { return nil }
            return Acknowledgement(
                session: message.stamp.session,
                run: message.stamp.run,
                index: body.index,
                arrivals: body.arrivals
            )
        }
    }
}

/// What a `recorded` message promised.
struct Acknowledgement: Sendable, Hashable {
    var session: String
    var run: String
    var index: Int
    var arrivals: Int
}
