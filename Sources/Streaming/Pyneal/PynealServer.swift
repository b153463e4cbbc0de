import CZeroMQ
import Foundation
import Neuroimaging
import Settings
import WireFormat

/// The socket of a ``PynealSource``, on a thread of its own.
actor PynealServer {
    private let settings: PynealInputSettings
    private let loop: SocketLoop
    private var receiver: PynealReceiver
    private var socket: ZeroMQSocket?
    private var deliver: (@Sendable (ScannerInput) -> Void)?
    /// What was noticed between listening and serving.
    private var early: [ScannerInput] = []
    private var limiter = FaultLimiter()
    private var hasTimer = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ settings: PynealInputSettings, _ receiver: PynealReceiver) throws(StreamingError) {
        (self.settings, self.receiver) = (settings, receiver)
        loop = try SocketLoop(name: "pyneal")
    }

    func listen() throws -> String {
        if let socket { return socket.address }
        _ = try AddressAuthenticator(on: loop, trusted: TrustedPeers(starts: settings.trusted)) { [weak self] address in
            self?.assumeIsolated { $0.refuse(address) }
        }
        var options = SocketOptions()
        options.largestPart = settings.largestMessage
        // Old senders do not know heartbeats; the system watches the connection instead.
        options.heartbeatInterval = 0
        let socket = try loop.makeSocket(.pair, options)
        try socket.set(ZMQ_TCP_KEEPALIVE_IDLE, 10)
        try socket.set(ZMQ_TCP_KEEPALIVE_INTVL, 5)
        try socket.set(ZMQ_TCP_KEEPALIVE_CNT, 3)
        try socket.set(ZMQ_ZAP_DOMAIN, AddressAuthenticator.domain)
        try loop.onEvents(of: socket) { [weak self] event in
            // Who is refused was named with the address before.
            if case .refused = event { return }
            self?.assumeIsolated { $0.give(.fault(event.fault)) }
        }
        try socket.bind(settings.bind)
        self.socket = socket
        return socket.address
    }

    func serve(_ deliver: @escaping @Sendable (ScannerInput) -> Void) throws {
        guard let socket else { return }
        self.deliver = deliver
        early.forEach(deliver)
        early = []
        loop.onMessages(of: socket) { [weak self] _ in self?.assumeIsolated { $0.read() } }
    }

    func stop() async -> PeerRunNames {
        deliver = nil
        socket = nil
        await loop.shutDown()
        return receiver.names
    }

    private func read() {
        guard let socket else { return }
        let reception = socket.receive(mostParts: 4, mostBytes: settings.largestMessage + PynealHeader.longest)
        let arrival = Arrival(instant: .now, time: Date().timeIntervalSince1970)
        switch reception {
        case .nothing: return
        case .message(let parts):
            let (inputs, answer) = receiver.take(parts, at: arrival)
            inputs.forEach(give)
            socket.send([answer])
        case .tooLarge(let parts, let bytes):
            let (inputs, answer) = receiver.refuse(parts: parts, bytes: bytes)
            inputs.forEach(give)
            socket.send([answer])
        }
        setTimer()
    }

    private func give(_ input: ScannerInput) {
        var input = input
        if case .fault(let fault) = input {
            guard let passed = limiter.pass(fault) else { return }
            input = .fault(passed)
        }
        if let deliver { deliver(input) } else { early.append(input) }
    }

    private func refuse(_ address: String) {
        let detail = "was refused: add its address, or the start of it, to input.trusted if it is a scanner's"
        give(.fault(SourceFault(.refused, "Pyneal peer \(address)", detail)))
    }

    /// Looks at the run when its time may be over.
    private func setTimer() {
        guard !hasTimer, let deadline = receiver.deadline else { return }
        hasTimer = true
        loop.after(max(.zero, deadline - .now)) { [weak self] in
            self?.assumeIsolated { server in
                server.hasTimer = false
                server.receiver.checkSilence(at: .now).forEach(server.give)
                server.setTimer()
            }
        }
    }
}
