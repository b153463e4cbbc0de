import CLinux
import Foundation
import Neuroimaging
import WireFormat

/// Talks to AFNI senders over two ports; everything of it happens on one thread.
///
/// Images are taken from one peer at a time. A peer that keeps silent makes way for another one: between runs at once,
/// within a run after the source's patience.
final class AFNIServer {
    /// How often time limits are looked at while a peer is there, in s.
    private static let tick = 1.0

    /// A peer that sends images.
    private struct Sender {
        let socket: TCPSocket
        let address: String
        var receiver: AFNIReceiver
        var heard = ContinuousClock.now
        var isReported = false
    }

    /// A peer that says over which channel images will come.
    private struct Caller {
        let socket: TCPSocket
        let address: String
        var text: [UInt8] = []
        let since = ContinuousClock.now
    }

    private let settings: AFNISource.Configuration
    private let control: TCPSocket
    private let data: TCPSocket
    private let wake: Int32
    private let deliver: (ScannerInput) -> Void
    private var names: PeerRunNames
    private var limiter = FaultLimiter()
    private var sender: Sender?
    private var caller: Caller?
    private var refusedUntil = ContinuousClock.now
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    /// Serves two sockets that listen; a descriptor wakes it up when it is to stop.
    init(
        _ settings: AFNISource.Configuration,
        control: TCPSocket,
        data: TCPSocket,
        wake: Int32,
        names: PeerRunNames,
        deliver: @escaping (ScannerInput) -> Void
    ) {
        (self.settings, self.control, self.data) = (settings, control, data)
        (self.wake, self.names, self.deliver) = (wake, names, deliver)
    }

    /// Serves until `wake` can be read; returns the names that were given.
    func run() -> PeerRunNames {
        while true {
            // Without a descriptor left, connections wait a little instead of keeping the loop busy.
            let isListening = ContinuousClock.now >= refusedUntil
            var awaited = [(descriptor: wake, forWriting: false)]
            let waiting = [isListening ? control : nil, isListening ? data : nil, caller?.socket, sender?.socket]
            awaited += waiting.compactMap { $0 }.map { ($0.descriptor, false) }
            let isIdle = caller == nil && sender == nil && isListening
            var ready = Readiness.wait(awaited, timeout: isIdle ? nil : min(Self.tick, settings.patience))[...]
            if ready.popFirst() == true { return names }
            let isReady = waiting.map { $0 != nil && ready.popFirst() == true }
            // What is there already is read before somebody else takes its place.
            if isReady[3] { readImages() }
            if isReady[2] { readControl() }
            if isReady[0] { acceptCaller() }
            if isReady[1] { acceptSender() }
            checkTimes()
        }
    }

    private func fault(_ code: SourceFault.Code, _ subject: String, _ detail: String) {
        // Peers that come and go all the time must not fill the log.
        if let fault = limiter.pass(SourceFault(code, subject, detail)) { deliver(.fault(fault)) }
    }

    // MARK: - Connections

    /// The next peer of a socket that may talk to us.
    private func accept(_ listener: TCPSocket) -> (socket: TCPSocket, address: String)? {
        do {
            guard let peer = try listener.accept() else { return nil }
            if TrustedPeers(starts: settings.input.trusted).contains(peer.address) { return peer }
            let detail = "was refused: add its address, or the start of it, to input.trusted if it is a scanner's"
            fault(.refused, "AFNI peer \(peer.address)", detail)
        } catch {
            fault(.unavailable, settings.name, error.detail)
            refusedUntil = .now + .seconds(1)
        }
        return nil
    }

    private func acceptCaller() {
        guard let peer = accept(control) else { return }
        caller = Caller(socket: peer.socket, address: peer.address)
    }

    private func acceptSender() {
        guard let peer = accept(data) else { return }
        if let present = sender {
            let isBusy = present.receiver.isInRun && present.heard.duration(to: .now) < .seconds(settings.patience)
            guard !isBusy else {
                let detail = "was refused, since a run from \(present.address) is under way"
                return fault(.refused, "AFNI peer \(peer.address)", detail)
            }
            close("another sender has come")
        }
        peer.socket.watchPeer()
        let subject = "AFNI peer \(peer.address)"
        let receiver = AFNIReceiver(
            peer: subject,
            session: settings.session,
            largestVolume: settings.input.largestVolume,
            channel: settings.channel
        )
        sender = Sender(socket: peer.socket, address: peer.address, receiver: receiver)
        fault(.connected, subject, "has opened the channel for images")
    }

    /// Forgets the sender, after what there is to say about its run.
    private func close(_ reason: String) {
        guard var gone = sender else { return }
        sender = nil
        gone.receiver.finish(reason).forEach(deliver)
        fault(.disconnected, "AFNI peer \(gone.address)", reason)
    }

    // MARK: - Bytes

    private func readImages() {
        guard let socket = sender?.socket else { return }
        switch socket.read(&buffer) {
        case .wait: return
        case .closed: close("the sender has closed the channel")
        case .bytes(let count):
            let arrival = Arrival(instant: .now, time: Date().timeIntervalSince1970)
            sender?.heard = arrival.instant
            sender?.isReported = false
            do {
                try sender?.receiver.take(buffer[..<count], at: arrival, names: &names, deliver: deliver)
            } catch {
                let isLimit = error.code == .tooLarge
                fault(isLimit ? .tooLarge : .malformed, "AFNI peer \(sender?.address ?? "")", error.description)
                sender = nil
            }
        }
    }

    private func readControl() {
        guard let socket = caller?.socket else { return }
        switch socket.read(&buffer) {
        case .wait: return
        case .closed: finishControl()
        case .bytes(let count):
            caller?.text += buffer[..<min(count, AFNIControl.longest)]
            let text = caller?.text ?? []
            if text.contains(0) || text.count >= AFNIControl.longest { finishControl() }
        }
    }

    /// Checks what was said over the control port, and closes it.
    private func finishControl() {
        guard let done = caller else { return }
        caller = nil
        guard !done.text.isEmpty else { return }
        let subject = "AFNI peer \(done.address)"
        do {
            let channel = try AFNIControl(done.text)
            if channel.port != data.localPort {
                let detail = "will send images to port \(channel.port), but they are expected on \(data.localPort)"
                fault(.refused, subject, detail + "; make the two the same")
            }
        } catch {
            fault(.malformed, subject, error.description)
        }
    }

    private func checkTimes() {
        if let since = caller?.since, since.duration(to: .now) > .seconds(settings.patience) {
            fault(.malformed, "AFNI peer \(caller?.address ?? "")", "opened the control port and said too little")
            caller = nil
        }
        if let present = sender, !present.isReported, present.heard.duration(to: .now) > .seconds(settings.patience),
            let silence = present.receiver.silence(of: settings.patience)
        {
            deliver(.fault(silence))
            sender?.isReported = true
        }
    }
}
