import Foundation
import Neuroimaging
import WireFormat

/// Sends volumes the way that Pyneal-Scanner sends them to Pyneal.
public actor PynealSender {
    private let address: String
    private let timeout: Duration
    private let loop: SocketLoop
    private var socket: ZeroMQSocket?
    private var waiting: CheckedContinuation<[UInt8], any Error>?
    private var question = 0

    /// The thread that the socket lives on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Describes a sender; it connects when it is told to.
    ///
    /// - Parameters:
    ///   - address: The receiver's address, such as `tcp://127.0.0.1:5555`.
    ///   - timeout: How long an answer is waited for, in s.
    public init(address: String, timeout: Double = 10) throws {
        (self.address, self.timeout) = (address, .seconds(timeout))
        loop = try SocketLoop(name: "pyneal sender")
    }

    /// Connects, and greets until the receiver says the same.
    ///
    /// Throws `timeout` where nobody answers in time.
    public func connect(greeting: String = "hello from pyneal_scanner") async throws {
        if socket == nil {
            var options = SocketOptions()
            options.heartbeatInterval = 0
            let socket = try loop.makeSocket(.pair, options)
            try socket.connect(address)
            loop.onMessages(of: socket) { [weak self] _ in self?.assumeIsolated { $0.read() } }
            self.socket = socket
        }
        while try await ask([Array(greeting.utf8)]) != Array(greeting.utf8) {}
    }

    /// Sends a volume and returns what the receiver answers.
    ///
    /// - Parameters:
    ///   - volume: The volume.
    ///   - index: Its number in the run, from 0.
    ///   - repetitionTime: The time from volume to volume in s.
    ///   - isCanonical: Whether the axes are put in the order of RAS+, as Pyneal-Scanner does.
    @discardableResult
    public func send(
        _ volume: StoredVolume,
        index: Int,
        repetitionTime: Double,
        isCanonical: Bool = true
    ) async throws -> String {
        let intensities = isCanonical ? volume.volume.reordered() : volume.volume
        var header = PynealHeader(
            volumeIndex: index,
            dataType: .float64,
            shape: intensities.grid.shape,
            affine: intensities.grid.affine.numbers
        )
        header.repetitionTime = repetitionTime
        let voxels = intensities.voxels.map { Double($0).bitPattern.littleEndian }.withUnsafeBytes { Array($0) }
        let answer = try await ask([header.encoded, PynealPayload.payload(voxels, header)])
        return String(decoding: answer, as: UTF8.self)
    }

    /// Sends the parts of a message as they are, and returns the answer.
    public func ask(_ parts: [[UInt8]]) async throws -> [UInt8] {
        question += 1
        let question = question
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard let socket, waiting == nil, !Task.isCancelled else {
                    return continuation.resume(throwing: StreamingError(.address, address, "is not ready to be asked"))
                }
                waiting = continuation
                send(parts, over: socket, question)
                loop.after(timeout) { [weak self] in self?.assumeIsolated { $0.giveUp(question) } }
            }
        } onCancel: {
            loop.perform { [weak self] in self?.assumeIsolated { $0.giveUp(question) } }
        }
    }

    /// Closes the socket.
    public func close() {
        if let socket { loop.close(socket) }
        socket = nil
        giveUp(question)
    }

    /// Until the connection is there, a message cannot be sent.
    private func send(_ parts: [[UInt8]], over socket: ZeroMQSocket, _ question: Int) {
        guard self.question == question, waiting != nil, socket === self.socket, !socket.send(parts) else { return }
        loop.after(.milliseconds(20)) { [weak self] in
            self?.assumeIsolated { sender in
                if let socket = sender.socket { sender.send(parts, over: socket, question) }
            }
        }
    }

    private func read() {
        guard case .message(let parts)? = socket?.receive(mostParts: 4, mostBytes: 1 << 20) else { return }
        waiting?.resume(returning: parts.first ?? [])
        waiting = nil
    }

    private func giveUp(_ question: Int) {
        guard question == self.question else { return }
        waiting?.resume(throwing: StreamingError(.timeout, address, "does not answer"))
        waiting = nil
    }
}
