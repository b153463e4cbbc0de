import Foundation
import Neuroimaging
import Synchronization
import WireFormat

/// A message that a ``PerceptSubscriber`` got.
public struct ReceivedMessage: Sendable {
    /// What it is about.
    public var topic: Topic
    /// What it says of itself.
    public var stamp: MessageStamp
    /// What it says.
    public var content: MessageContent
    /// What follows: values, or an image.
    public var payload: [[UInt8]]
    /// When it arrived.
    public var arrival: Arrival
}

/// How a ``PerceptSubscriber`` has fared.
public struct SubscriberCounters: Sendable, Equatable {
    /// Messages that came and could be read.
    public var received = 0
    /// Messages that must have been sent, but did not come.
    public var missed = 0
    /// Messages that could not be read.
    public var refused = 0
    /// Messages that came, but were dropped because too many waited.
    public var dropped = 0

    /// Nothing yet.
    public init() {}
}

/// Follows what a daemon publishes, as a viewer or a stimulus computer does; what is missed is counted, not asked for.
public final class PerceptSubscriber: Sendable {
    /// What comes, for one task to read; it ends after ``close()``.
    public let messages: AsyncStream<ReceivedMessage>
    private let receiver: SubscriberSocket

    /// Subscribes to everything at an address; the publisher need not be there yet.
    ///
    /// - Parameters:
    ///   - address: The address, such as `tcp://127.0.0.1:5570`.
    ///   - security: The keys.
    ///   - buffer: The most messages that wait to be read; beyond, the oldest is dropped and counted.
    ///   - limits: What a message may claim.
    ///   - onFault: Is called with what happens to the connection, and with what cannot be read.
    /// - Throws: `StreamingError` if the address or the keys cannot be used.
    public init(
        _ address: String,
        security: SocketSecurity = .plain,
        buffer: Int = 256,
        limits: MessageLimits = MessageLimits(),
        onFault: @escaping @Sendable (SourceFault) -> Void = { _ in }
    ) async throws {
        let (messages, continuation) = AsyncStream.makeStream(
            of: ReceivedMessage.self,
            bufferingPolicy: .bufferingNewest(buffer)
        )
        self.messages = messages
        receiver = try SubscriberSocket(address, limits: limits, continuation: continuation, onFault: onFault)
        do {
            try await receiver.start(try security.role(connecting: address))
        } catch {
            await receiver.shutDown()
            throw error
        }
    }

    /// How it has fared.
    public var counters: SubscriberCounters { receiver.state.withLock { $0 } }

    /// Closes the connection.
    public func close() async { await receiver.shutDown() }
}

/// The socket of a ``PerceptSubscriber``, on its thread.
private actor SubscriberSocket {
    private let loop: SocketLoop
    private let address: String
    private let limits: MessageLimits
    private let continuation: AsyncStream<ReceivedMessage>.Continuation
    private let onFault: @Sendable (SourceFault) -> Void
    private var faults = FaultLimiter()
    private var socket: ZeroMQSocket?
    private var publisher = ""
    private var next: UInt64?
    nonisolated let state = Mutex(SubscriberCounters())

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        _ address: String,
        limits: MessageLimits,
        continuation: AsyncStream<ReceivedMessage>.Continuation,
        onFault: @escaping @Sendable (SourceFault) -> Void
    ) throws(StreamingError) {
        loop = try SocketLoop(name: "subscriber")
        (self.address, self.limits, self.continuation, self.onFault) = (address, limits, continuation, onFault)
    }

    func start(_ role: CurveRole?) throws {
        var options = SocketOptions()
        options.curve = role
        let socket = try loop.makeSocket(.subscriber, options)
        loop.onMessages(of: socket) { [weak self] _ in self?.assumeIsolated { $0.read() } }
        try socket.subscribe("")
        try loop.connect(socket, to: address) { [weak self] event in self?.assumeIsolated { $0.report(event.fault) } }
        self.socket = socket
    }

    func shutDown() async {
        await loop.shutDown()
        continuation.finish()
    }

    private func read() {
        for _ in 0..<32 {
            switch socket?.receive() {
            case .message(let parts): take(parts)
            case .tooLarge(let parts, _):
                refuse(WireError(.tooLarge, "message", "has \(parts) parts or too many bytes"))
            case .nothing, nil: return
            }
        }
    }

    private func take(_ parts: [[UInt8]]) {
        do throws(WireError) {
            let message = try WireMessage(parts: parts, limits: limits)
            if message.topic == .heartbeat {
                let heartbeat = try message.decode(Heartbeat.self, limits)
                return follow(heartbeat.publisher, heartbeat.next, isMessage: false)
            }
            let (stamp, content) = try message.content(limits)
            follow(stamp.publisher, stamp.sequence, isMessage: true)
            let arrival = Arrival(instant: .now, time: Date().timeIntervalSince1970)
            let received = ReceivedMessage(
                topic: message.topic,
                stamp: stamp,
                content: content,
                payload: message.payload,
                arrival: arrival
            )
            let result = continuation.yield(received)
            state.withLock { state in
                state.received += 1
                if case .dropped = result { state.dropped += 1 }
            }
        } catch {
            refuse(error)
        }
    }

    /// Counts the numbers between the last message and this.
    private func follow(_ publisher: String, _ sequence: UInt64, isMessage: Bool) {
        if publisher != self.publisher { (self.publisher, next) = (publisher, nil) }
        if let next, sequence > next { state.withLock { $0.missed += Int(clamping: sequence - next) } }
        next = max(next ?? 0, sequence + (isMessage ? 1 : 0))
    }

    private func refuse(_ error: WireError) {
        state.withLock { $0.refused += 1 }
        report(SourceFault(error, from: address))
    }

    private func report(_ fault: SourceFault) {
        if let fault = faults.pass(fault) { onFault(fault) }
    }
}
