import Foundation
import Neuroimaging
import Threading
import WireFormat

/// Sends volumes the way that Dimon sends them to AFNI.
public actor AFNISender {
    /// Where volumes go, and how long to try.
    public struct Target: Sendable {
        /// The host.
        public var host: String
        /// The port for the first words.
        public var controlPort: Int
        /// The port for metadata and images.
        public var dataPort: Int
        /// How long a connection, or the peer's reading, is waited for, in s.
        public var timeout: Double

        /// Names a target; the ports are Dimon's defaults.
        public init(host: String = "127.0.0.1", controlPort: Int = 7961, dataPort: Int = 7960, timeout: Double = 10) {
            (self.host, self.controlPort, self.dataPort, self.timeout) = (host, controlPort, dataPort, timeout)
        }
    }

    private let target: Target
    private let thread = ThreadExecutor(name: "afni sender")
    private var channel: TCPSocket?
    private var metadata: AFNIMetadata?

    /// The thread that waits for the network.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Describes a sender; it connects when it is told to.
    public init(_ target: Target) { self.target = target }

    /// Announces a channel over the control port, and opens it.
    ///
    /// Throws `timeout` where nobody listens in time.
    public func connect() throws {
        let control = try connected(target.controlPort)
        try write(AFNIControl(host: target.host, port: target.dataPort).encoded[...], to: control)
        control.finishWriting()
        channel = try connected(target.dataPort)
    }

    /// Sends what a run is like.
    public func startRun(_ metadata: AFNIMetadata) throws {
        self.metadata = metadata
        try send(metadata.encoded[...])
    }

    /// Sends a volume for each channel of the run.
    ///
    /// Throws `unreadable` for a volume of another shape than the run's.
    public func send(_ volumes: StoredVolume...) throws {
        guard let metadata, volumes.count == metadata.channels,
            volumes.allSatisfy({ $0.grid.shape == metadata.shape })
        else { throw StreamingError(.unreadable, "volume", "does not have the shape that the run began with") }
        try send(metadata.images(volumes.map { metadata.datum.bytes($0) })[...])
    }

    /// Sends bytes as they are.
    public func send(_ bytes: ArraySlice<UInt8>) throws {
        guard let channel else { throw StreamingError(.address, address(target.dataPort), "is not connected") }
        try write(bytes, to: channel)
    }

    /// Ends a run, and leaves the channel open for another one.
    ///
    /// Throws `unreadable` where images are too small to hold the mark of an end; closing the channel ends a run too.
    public func endRun() throws {
        guard let image = metadata?.endOfRunImage else {
            throw StreamingError(.unreadable, "end of run", "does not fit into an image; close the channel instead")
        }
        metadata = nil
        try send(image[...])
    }

    /// Closes the channel.
    public func close() { (channel, metadata) = (nil, nil) }

    private func address(_ port: Int) -> String { "\(target.host):\(port)" }

    private func connected(_ port: Int) throws -> TCPSocket {
        let deadline = ContinuousClock.now + .seconds(target.timeout)
        var failure = "nobody listens"
        while ContinuousClock.now < deadline {
            try Task.checkCancellation()
            // A refused connection shows at once or once the socket is ready; the peer may just not be there yet.
            if let socket = try? TCPSocket.connect(host: target.host, port: port) {
                if Readiness.wait([(socket.descriptor, true)], timeout: 0.5)[0] {
                    guard let reason = socket.failure else { return socket }
                    failure = reason
                }
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
        throw StreamingError(.timeout, address(port), "cannot be connected to: \(failure)")
    }

    private func write(_ bytes: ArraySlice<UInt8>, to socket: TCPSocket) throws {
        var rest = bytes
        var deadline = ContinuousClock.now + .seconds(target.timeout)
        while !rest.isEmpty {
            switch socket.write(rest) {
            case .bytes(let count):
                rest = rest.dropFirst(count)
                deadline = .now + .seconds(target.timeout)
            case .closed:
                throw StreamingError(.address, address(target.dataPort), "the peer has closed the connection")
            case .wait:
                try Task.checkCancellation()
                guard ContinuousClock.now < deadline else {
                    throw StreamingError(.timeout, address(target.dataPort), "does not read what is sent")
                }
                _ = Readiness.wait([(socket.descriptor, true)], timeout: 0.1)
            }
        }
    }
}
