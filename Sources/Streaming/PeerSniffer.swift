import Foundation
import Threading

/// Listens on a port in the place of the daemon, and says what a peer sends there.
public actor PeerSniffer {
    /// The port that it listens on.
    public nonisolated let port: Int
    private let thread = ThreadExecutor(name: "sniffer")
    private let listener: TCPSocket

    /// The thread that waits for the network.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// What a ZeroMQ socket without keys says first; the other one then says what it is.
    private static let greeting: [UInt8] =
        [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 48)

    /// Begins to listen; port 0 stands for any that is free.
    ///
    /// Throws `address` where the port is in use, perhaps by the daemon.
    public init(host: String, port: Int) throws(StreamingError) {
        listener = try TCPSocket.listen(host: host, port: port)
        self.port = listener.localPort
    }

    /// Waits for a peer and describes what it sends.
    ///
    /// - Parameters:
    ///   - timeout: How long a peer is waited for, in s.
    ///   - listening: How long its bytes are waited for, in s.
    /// - Returns: Its address and description; nil if nobody came.
    public func describePeer(
        timeout: Double,
        listening: Double = 2
    ) throws -> (address: String, description: PeerDescription)? {
        let deadline = ContinuousClock.now + .seconds(timeout)
        while ContinuousClock.now < deadline {
            try Task.checkCancellation()
            guard Readiness.wait([(listener.descriptor, false)], timeout: 0.1)[0] else { continue }
            guard let peer = try listener.accept() else { continue }
            return (peer.address, PeerDescription(try read(peer.socket, for: listening)))
        }
        return nil
    }

    private func read(_ socket: TCPSocket, for seconds: Double) throws -> [UInt8] {
        var (received, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        var isAnswered = false
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline, received.count < buffer.count {
            try Task.checkCancellation()
            guard Readiness.wait([(socket.descriptor, false)], timeout: 0.1)[0] else { continue }
            switch socket.read(&buffer) {
            case .wait: continue
            case .closed: return received
            case .bytes(let count): received += buffer[..<count]
            }
            if !isAnswered, received.count >= 10, received[0] == 0xFF, received[9] == 0x7F {
                _ = socket.write(Self.greeting[...])
                isAnswered = true
            }
        }
        return received
    }
}
