import CZeroMQ
import Foundation
import Neuroimaging
import Settings
import WireFormat

/// The sockets of a ``PerceptSource``, on their thread.
actor PerceptReceiver {
    /// How long a publisher may say nothing, while its heartbeats come twice a second.
    private static let silence = Duration.seconds(5)

    private let loop: SocketLoop
    private let settings: PerceptInputSettings
    private let security: SocketSecurity
    private let deliver: @Sendable (ScannerInput) -> Void
    private let count: @Sendable (StreamCounters) -> Void
    private var assembly: StreamAssembly
    private var faults = FaultLimiter()
    private var subscriber: ZeroMQSocket?
    private var requester: ZeroMQSocket?
    private var isTicking = false
    private var isShutDown = false
    private var lastHeard: ContinuousClock.Instant?
    private var isSilent = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        _ settings: PerceptInputSettings,
        security: SocketSecurity,
        assembly: StreamAssembly,
        deliver: @escaping @Sendable (ScannerInput) -> Void,
        count: @escaping @Sendable (StreamCounters) -> Void
    ) throws(StreamingError) {
        loop = try SocketLoop(name: "percept source")
        (self.settings, self.security, self.assembly) = (settings, security, assembly)
        (self.deliver, self.count) = (deliver, count)
    }

    func start() throws {
        let address = settings.subscribe
        let resend = if let resend = settings.resend { resend } else { try SocketAddress.next(address) }
        var options = SocketOptions()
        options.largestPart = settings.largestMessage
        options.curve = try security.role(connecting: address)
        let subscriber = try loop.makeSocket(.subscriber, options)
        self.subscriber = subscriber
        loop.onMessages(of: subscriber) { [weak self] _ in self?.assumeIsolated { $0.read(isRepair: false) } }
        // Numbers run over all topics, so that nothing but all topics shows what is missing.
        try subscriber.subscribe("")

        options.curve = try security.role(connecting: resend)
        let requester = try loop.makeSocket(.dealer, options)
        self.requester = requester
        // A request that cannot leave now is made again later, rather than kept.
        try requester.set(ZMQ_IMMEDIATE, 1)
        loop.onMessages(of: requester) { [weak self] _ in self?.assumeIsolated { $0.read(isRepair: true) } }

        // Only the subscriber's connection is reported: both sockets have the same peer.
        try loop.connect(requester, to: resend) { _ in }
        try loop.connect(subscriber, to: address) { [weak self] event in
            self?.assumeIsolated { $0.report(event.fault) }
        }
        watchSilence()
    }

    func shutDown() async {
        isShutDown = true
        await loop.shutDown()
    }

    private func read(isRepair: Bool) {
        guard let socket = isRepair ? requester : subscriber else { return }
        // A few at a time: the other socket and the deadlines have their turn.
        for _ in 0..<32 {
            let reception = socket.receive(mostParts: 16, mostBytes: settings.largestMessage + (1 << 20))
            let arrival = Arrival(instant: .now, time: Date().timeIntervalSince1970)
            switch reception {
            case .nothing: return advance()
            case .message(let parts):
                hear(at: arrival.instant)
                pass(assembly.receive(parts, isRepair: isRepair, arrival: arrival))
            case .tooLarge(let parts, let bytes):
                let detail = "a message of \(parts) parts and \(bytes) bytes is beyond the limits; it was thrown away"
                report(SourceFault(.tooLarge, settings.subscribe, detail))
            }
        }
        advance()
    }

    /// Asks for what is missing, and comes back for it until it is there or given up.
    private func advance() {
        let now = ContinuousClock.now
        pass(assembly.tick(at: now))
        if let request = assembly.dueRequest(at: now), let message = try? WireMessage(request) {
            if requester?.send(message.parts) == true { assembly.sent(request, at: now) }
        }
        guard assembly.isIncomplete, !isTicking, !isShutDown else { return }
        isTicking = true
        loop.after(.milliseconds(20)) { [weak self] in
            self?.assumeIsolated {
                $0.isTicking = false
                $0.advance()
            }
        }
    }

    private func pass(_ inputs: [ScannerInput]) {
        // Who gets an input finds it counted.
        count(assembly.counters)
        for input in inputs { deliver(input) }
    }

    private func report(_ fault: SourceFault) {
        if let fault = faults.pass(fault) { deliver(.fault(fault)) }
    }

    private func hear(at now: ContinuousClock.Instant) {
        lastHeard = now
        guard isSilent else { return }
        isSilent = false
        report(SourceFault(.connected, settings.subscribe, "speaks again"))
    }

    private func watchSilence() {
        guard !isShutDown else { return }
        if !isSilent, let lastHeard, .now - lastHeard > Self.silence {
            isSilent = true
            report(SourceFault(.disconnected, settings.subscribe, "has said nothing for 5 s; it is waited for"))
        }
        loop.after(.seconds(1)) { [weak self] in self?.assumeIsolated { $0.watchSilence() } }
    }
}
