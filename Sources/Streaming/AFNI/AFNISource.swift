import CLinux
import Foundation
import Neuroimaging
import Settings
import Synchronization
import Threading

/// Volumes from an AFNI real-time sender such as Dimon, which takes us for AFNI.
///
/// The sender opens a control port, says that it will send images over TCP, and does so over a data port; one that goes
/// to the data port at once is welcome too. No sender can make us run a program, as it can with AFNI.
public final class AFNISource: VolumeSource {
    /// The two ports that it listens on.
    public struct Ports: Sendable, Equatable {
        /// The port for the first words.
        public let control: Int
        /// The port for metadata and images.
        public let data: Int
    }

    /// What a server has to know.
    struct Configuration: Sendable {
        let name: String
        let input: AFNIInputSettings
        let session: String
        let channel: Int
        /// How long a peer may keep silent in the middle of something, in s.
        var patience = 10.0
    }

    // The sockets are only handed from one thread to another, under the lock.
    private struct Listening: @unchecked Sendable {
        let control: TCPSocket
        let data: TCPSocket
    }

    private struct State {
        var listening: Listening?
        var names: PeerRunNames
    }

    private let configuration: Configuration
    private let state: Mutex<State>

    /// What logs call it.
    public var name: String { configuration.name }

    /// Describes a source; it listens once it runs.
    ///
    /// - Parameters:
    ///   - settings: Where to listen, and whom to trust.
    ///   - session: The session that runs belong to.
    ///   - takenNames: Names that runs may not have, such as those of the session so far.
    ///   - channel: Which one counts where several images come for each point in time, such as echoes; from 0.
    public init(settings: AFNIInputSettings, session: String, takenNames: Set<String> = [], channel: Int = 0) {
        configuration = Configuration(
            name: "afni \(settings.host):\(settings.controlPort)",
            input: settings,
            session: session,
            channel: channel
        )
        state = Mutex(State(listening: nil, names: PeerRunNames(taken: takenNames)))
    }

    init(_ configuration: Configuration) {
        self.configuration = configuration
        state = Mutex(State(listening: nil, names: PeerRunNames()))
    }

    /// Opens the two ports, unless that was done already.
    ///
    /// Running does it too; calling it before tells which ports were chosen where the settings say 0.
    /// - Throws: `address` where a port is in use or the host is none of this machine's.
    @discardableResult
    public func listen() throws(StreamingError) -> Ports {
        let listening = try state.withLock { (state) throws(StreamingError) in
            if let listening = state.listening { return listening }
            let host = configuration.input.host
            let listening = Listening(
                control: try TCPSocket.listen(host: host, port: configuration.input.controlPort),
                data: try TCPSocket.listen(host: host, port: configuration.input.dataPort)
            )
            state.listening = listening
            return listening
        }
        return Ports(control: listening.control.localPort, data: listening.data.localPort)
    }

    /// Takes in runs until the task is cancelled.
    ///
    /// A stream cannot be resumed: what was not taken in is lost.
    /// - Throws: `address` where a port is in use or the host is none of this machine's.
    public func run(
        resumingAt position: StreamPosition?,
        deliver: @escaping @Sendable (ScannerInput) -> Void
    ) async throws {
        try listen()
        let wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wake >= 0 else { throw StreamingError(.system, name, TCPSocket.reason(errno)) }
        await withTaskCancellationHandler {
            await Server().serve(self, wake: wake, deliver: deliver)
        } onCancel: {
            eventfd_write(wake, 1)
        }
        close(wake)
    }

    /// A thread of its own to wait for peers on.
    private actor Server {
        private let thread = ThreadExecutor(name: "afni")
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        func serve(_ source: AFNISource, wake: Int32, deliver: @escaping @Sendable (ScannerInput) -> Void) {
            let (listening, names) = source.state.withLock { state in
                defer { state.listening = nil }
                return (state.listening, state.names)
            }
            guard let listening else { return }
            let server = AFNIServer(
                source.configuration,
                control: listening.control,
                data: listening.data,
                wake: wake,
                names: names,
                deliver: deliver
            )
            let given = server.run()
            source.state.withLock { $0.names = given }
        }
    }
}
