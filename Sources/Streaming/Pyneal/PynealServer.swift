import CZeroMQ
import Foundation
import Neuroimaging
import Settings
import WireFormat

/// The socket of a ``PynealSource``, on a thread of its own.
///
/// libzmq loses without a word what a second peer of a pair socket sends, or one that comes before the first is taken
/// leave of, and the sender would wait for its answer for ever. So peers take turns: while one is there the next is told
/// to come later, and each turn has a socket of its own.
actor PynealServer {
    private enum Turn {
        case free
        /// A peer may connect.
        case promised
        case taken
    }

    /// How long a handshake may last, in ms: a peer that comes too early asks again after this time.
    private static let handshakeLimit = 2000

    private let settings: PynealInputSettings
    private let trusted: TrustedPeers
    private let loop: SocketLoop
    private var receiver: PynealReceiver
    private var socket: ZeroMQSocket?
    /// With the port that was chosen.
    private var address: String?
    private var turn = Turn.free
    private var turnNumber = 0
    private var deliver: (@Sendable (ScannerInput) -> Void)?
    /// What was noticed between listening and serving.
    private var early: [ScannerInput] = []
    private var limiter = FaultLimiter()
    private var hasTimer = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ settings: PynealInputSettings, _ receiver: PynealReceiver) throws(StreamingError) {
        (self.settings, self.receiver) = (settings, receiver)
        trusted = TrustedPeers(starts: settings.trusted)
        loop = try SocketLoop(name: "pyneal")
    }

    func listen() throws -> String {
        if let address { return address }
        try ConnectionAuthenticator.start(on: loop) { [weak self] request in
            self?.assumeIsolated { $0.admit(request.address, request.domain) } ?? .refused
        }
        let address = try open(settings.bind)
        self.address = address
        return address
    }

    func serve(_ deliver: @escaping @Sendable (ScannerInput) -> Void) {
        self.deliver = deliver
        early.forEach(deliver)
        early = []
        receiveMessages()
    }

    func stop() async -> PeerRunNames {
        (deliver, socket, address) = (nil, nil, nil)
        await loop.shutDown()
        return receiver.names
    }

    // MARK: Turns

    /// Names the socket of this turn in questions about peers.
    private var domain: String { "turn-\(turnNumber)" }

    private func open(_ address: String) throws -> String {
        var options = SocketOptions()
        options.largestPart = settings.largestMessage
        // Old senders do not know heartbeats; the system watches the connection instead.
        options.heartbeatInterval = 0
        let socket = try loop.makeSocket(.pair, options)
        do {
            try socket.set(ZMQ_TCP_KEEPALIVE_IDLE, 10)
            try socket.set(ZMQ_TCP_KEEPALIVE_INTVL, 5)
            try socket.set(ZMQ_TCP_KEEPALIVE_CNT, 3)
            try socket.set(ZMQ_HANDSHAKE_IVL, Int32(Self.handshakeLimit))
            turnNumber += 1
            try socket.set(ZMQ_ZAP_DOMAIN, domain)
            try loop.onEvents(of: socket) { [weak self] event in self?.assumeIsolated { $0.take(event) } }
            try socket.bind(address)
        } catch {
            loop.close(socket)
            throw error
        }
        (self.socket, turn) = (socket, .free)
        receiveMessages()
        return socket.address
    }

    private func receiveMessages() {
        guard let socket, deliver != nil else { return }
        loop.onMessages(of: socket) { [weak self] _ in self?.assumeIsolated { _ = $0.read() } }
    }

    private func admit(_ peer: String, _ domain: String) -> ConnectionAuthenticator.Answer {
        guard trusted.contains(peer) else {
            let detail = "was refused: add its address, or the start of it, to input.trusted if it is a scanner's"
            give(.fault(SourceFault(.refused, "Pyneal peer \(peer)", detail)))
            return .refused
        }
        checkPeer()
        guard domain == self.domain, turn == .free else {
            if turn == .taken {
                let detail = "has to wait: another sender is connected, and only one is served; stop the one too many"
                give(.fault(SourceFault(.refused, "Pyneal peer \(peer)", detail)))
            }
            return .later
        }
        turn = .promised
        loop.after(.milliseconds(2 * Self.handshakeLimit)) { [weak self] in
            self?.assumeIsolated { server in
                if server.turn == .promised, server.domain == domain { server.endTurn() }
            }
        }
        return .allowed(user: "")
    }

    private func take(_ event: ConnectionEvent) {
        switch event {
        case .connected:
            turn = .taken
            give(.fault(event.fault))
        case .disconnected: checkPeer(times: 50)
        // Who is refused was named with the address before.
        case .refused: return
        }
    }

    /// Ends the turn of a peer that is gone.
    ///
    /// libzmq says that somebody is gone, but not whether it was the peer or one who waited, and says so a little before
    /// it can be seen; so this looks some more times.
    private func checkPeer(times: Int = 1) {
        guard turn == .taken, deliver != nil, let socket else { return }
        if !socket.isWritable {
            let fault = ConnectionEvent.disconnected(socket.address).fault
            endTurn()
            give(.fault(fault))
        } else if times > 1 {
            loop.after(.milliseconds(20)) { [weak self] in self?.assumeIsolated { $0.checkPeer(times: times - 1) } }
        }
    }

    /// Reads the last of what the peer sent, and begins a turn with a new socket at the same address.
    private func endTurn() {
        while read() {}
        if let socket { loop.close(socket) }
        socket = nil
        turn = .free
        beginTurn()
    }

    /// The address is free again once the last socket is closed, which takes a moment.
    private func beginTurn(attempt: Int = 1) {
        guard let address else { return }
        do {
            _ = try open(address)
        } catch {
            if attempt.isMultiple(of: 100) { give(.fault(SourceFault(.unavailable, address, "\(error)"))) }
            loop.after(.milliseconds(10)) { [weak self] in
                self?.assumeIsolated { $0.beginTurn(attempt: attempt + 1) }
            }
        }
    }

    // MARK: Messages

    /// Takes in a message; false if there is none.
    private func read() -> Bool {
        guard let socket else { return false }
        let reception = socket.receive(mostParts: 4, mostBytes: settings.largestMessage + PynealHeader.longest)
        let arrival = Arrival(instant: .now, time: Date().timeIntervalSince1970)
        switch reception {
        case .nothing: return false
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
        return true
    }

    private func give(_ input: ScannerInput) {
        var input = input
        if case .fault(let fault) = input {
            guard let passed = limiter.pass(fault) else { return }
            input = .fault(passed)
        }
        if let deliver { deliver(input) } else { early.append(input) }
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
