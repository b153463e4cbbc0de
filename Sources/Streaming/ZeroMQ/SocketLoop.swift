import CZeroMQ
import Foundation

/// A thread of its own on which ZeroMQ sockets live, and on which the actor that uses them runs.
///
/// libzmq's sockets must stay on one thread. An actor with the loop as executor has its sockets there by construction;
/// it waits for messages with ``onMessages(of:_:)`` and for time with ``after(_:_:)``, whose handlers run on the same
/// thread and may use `assumeIsolated`.
/// ```swift
/// actor Receiver {
///     private let loop: SocketLoop
///     private var socket: ZeroMQSocket?
///     nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
///
///     func start() throws {
///         let socket = try loop.makeSocket(.pair)
///         try socket.bind("tcp://127.0.0.1:*")
///         loop.onMessages(of: socket) { [weak self] _ in self?.assumeIsolated { $0.read() } }
///         self.socket = socket
///     }
/// }
/// ```
/// Handlers hold their actor weakly, since the loop holds the handlers. Each loop has a ZeroMQ context of its own. The
/// thread ends after the loop's last use; ``shutDown()`` closes the sockets before, and waits until they are closed.
public final class SocketLoop: SerialExecutor {
    private let core: SocketLoopCore

    /// Starts the thread; `name` is what system tools call it, of which at most 15 characters are shown.
    public init(name: String) throws(StreamingError) {
        core = try SocketLoopCore()
        let core = core
        let thread = Thread { core.run(name: name) }
        thread.stackSize = 8 << 20
        thread.start()
    }

    deinit { core.stop() }

    /// Runs a job of an actor after what waits already.
    public func enqueue(_ job: consuming ExecutorJob) {
        core.enqueue(.job(UnownedJob(job), asUnownedSerialExecutor()))
    }

    /// Stops the program if it is called from another thread.
    public func checkIsolated() {
        precondition(core.isCurrentThread, "sockets are used on the thread of their loop only")
    }

    /// Runs something on the thread, after what waits already; from any thread.
    public func perform(_ work: @escaping @Sendable () -> Void) {
        core.enqueue(.work(work))
    }

    /// Makes a socket; on the thread only.
    public func makeSocket(
        _ kind: SocketKind,
        _ options: SocketOptions = SocketOptions()
    ) throws(StreamingError) -> ZeroMQSocket {
        checkIsolated()
        return try core.makeSocket(kind, options)
    }

    /// Calls a handler whenever there are messages to receive; on the thread only.
    ///
    /// The handler gets the socket. It is called again while messages remain, so it may leave some, to let others have
    /// their turn.
    public func onMessages(of socket: ZeroMQSocket, _ handler: @escaping @Sendable (ZeroMQSocket) -> Void) {
        checkIsolated()
        core.watch(socket, handler)
    }

    /// Calls a handler with what becomes of a socket's connections; on the thread only.
    public func onEvents(
        of socket: ZeroMQSocket,
        _ handler: @escaping @Sendable (ConnectionEvent) -> Void
    ) throws(StreamingError) {
        checkIsolated()
        try core.monitor(socket, handler)
    }

    /// Connects a socket to its only peer, whose coming and going the handler gets; on the thread only.
    ///
    /// Whatever ends the connection (the network, the peer's keys, a part that is too large), it is made again.
    public func connect(
        _ socket: ZeroMQSocket,
        to address: String,
        _ handler: @escaping @Sendable (ConnectionEvent) -> Void
    ) throws(StreamingError) {
        checkIsolated()
        try core.connect(socket, to: address, handler)
    }

    /// Closes a socket; on the thread only.
    public func close(_ socket: ZeroMQSocket) {
        checkIsolated()
        core.close(socket)
    }

    /// Calls a handler once, after some time; on the thread only.
    public func after(_ delay: Duration, _ handler: @escaping @Sendable () -> Void) {
        checkIsolated()
        core.schedule(after: delay, handler)
    }

    /// Closes all sockets and waits until their ports are free; later ones cannot be made.
    public func shutDown() async {
        let core = core
        await withCheckedContinuation { continuation in
            core.enqueue(
                .work {
                    core.shutDown()
                    continuation.resume()
                }
            )
        }
    }
}
