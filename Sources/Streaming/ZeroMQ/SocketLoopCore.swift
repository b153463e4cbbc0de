import CLinux
import CZeroMQ
import Foundation
import Synchronization

/// What the thread of a ``SocketLoop`` works with.
///
/// `@unchecked Sendable`: the inbox is guarded; everything else is touched by the loop's thread only.
final class SocketLoopCore: @unchecked Sendable {
    enum Task {
        case job(UnownedJob, UnownedSerialExecutor)
        case work(@Sendable () -> Void)
    }

    private struct Inbox {
        var tasks: [Task] = []
        var isStopped = false
        var thread: pthread_t?
    }

    private struct Watch {
        let socket: ZeroMQSocket
        let handler: @Sendable (ZeroMQSocket) -> Void
    }

    private struct Connection {
        let address: String
        var isConnected = false
        var isChecked = false
    }

    private struct Timer {
        let deadline: ContinuousClock.Instant
        let handler: @Sendable () -> Void
    }

    private let inbox = Mutex(Inbox())
    private let wake: Int32
    private var context: UnsafeMutableRawPointer?
    private var sockets: [ObjectIdentifier: ZeroMQSocket] = [:]
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var monitors: [ObjectIdentifier: ZeroMQSocket] = [:]
    private var watches: [Watch] = []
    private var timers: [Timer] = []
    private var monitorCount = 0

    init() throws(StreamingError) {
        wake = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard wake >= 0 else {
            throw StreamingError(.system, "eventfd", "cannot be made: \(String(cString: strerror(errno)))")
        }
        guard let context = zmq_ctx_new() else {
            Glibc.close(wake)
            throw StreamingError(.system, "ZeroMQ", "cannot start: \(zeroMQMessage())")
        }
        self.context = context
    }

    deinit { Glibc.close(wake) }

    // MARK: From any thread

    var isCurrentThread: Bool {
        inbox.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    func enqueue(_ task: Task) {
        inbox.withLock { $0.tasks.append(task) }
        signal()
    }

    func stop() {
        inbox.withLock { $0.isStopped = true }
        signal()
    }

    private func signal() {
        var one: UInt64 = 1
        // A counter that is full wakes the thread just as well.
        _ = Glibc.write(wake, &one, 8)
    }

    // MARK: The thread

    func run(name: String) {
        percept_thread_name(String(name.prefix(15)))
        inbox.withLock { $0.thread = pthread_self() }
        while runTasks() {
            runTimers()
            poll()
        }
        shutDown()
    }

    /// Runs what waits; returns false once the loop is to end.
    private func runTasks() -> Bool {
        let (tasks, isStopped) = inbox.withLock { inbox in
            defer { inbox.tasks.removeAll(keepingCapacity: true) }
            return (inbox.tasks, inbox.isStopped)
        }
        for task in tasks {
            switch task {
            case .job(let job, let executor): job.runSynchronously(on: executor)
            case .work(let work): work()
            }
        }
        return !isStopped || !tasks.isEmpty
    }

    private func runTimers() {
        let now = ContinuousClock.now
        let due = timers.filter { $0.deadline <= now }
        guard !due.isEmpty else { return }
        timers.removeAll { $0.deadline <= now }
        for timer in due { timer.handler() }
    }

    private func poll() {
        var items = [zmq_pollitem_t(socket: nil, fd: wake, events: Int16(ZMQ_POLLIN), revents: 0)]
        let watches = watches
        for watch in watches {
            items.append(zmq_pollitem_t(socket: watch.socket.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0))
        }
        // A failure (a signal, mostly) is as good as a time-out: the loop goes round.
        guard zmq_poll(&items, Int32(items.count), timeout()) > 0 else { return }
        if items[0].revents != 0 {
            var count: UInt64 = 0
            _ = Glibc.read(wake, &count, 8)
        }
        for (watch, item) in zip(watches, items.dropFirst()) where item.revents != 0 && watch.socket.handle != nil {
            watch.handler(watch.socket)
        }
    }

    /// The time to the next timer, in ms, rounded up; -1 for none.
    private func timeout() -> Int {
        guard let next = timers.map(\.deadline).min() else { return -1 }
        let left = max(.zero, next - .now).components
        return Int(left.seconds) * 1000 + Int((left.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    // MARK: Sockets, on the thread

    func makeSocket(_ kind: SocketKind, _ options: SocketOptions) throws(StreamingError) -> ZeroMQSocket {
        let socket = try ZeroMQSocket(context: context, kind: kind, options: options)
        sockets[ObjectIdentifier(socket)] = socket
        return socket
    }

    func watch(_ socket: ZeroMQSocket, _ handler: @escaping @Sendable (ZeroMQSocket) -> Void) {
        watches.removeAll { $0.socket === socket }
        watches.append(Watch(socket: socket, handler: handler))
    }

    func schedule(after delay: Duration, _ handler: @escaping @Sendable () -> Void) {
        timers.append(Timer(deadline: .now + delay, handler: handler))
    }

    func monitor(_ socket: ZeroMQSocket, _ handler: @escaping @Sendable (ConnectionEvent) -> Void)
        throws(StreamingError)
    {
        monitorCount += 1
        let address = "inproc://monitor-\(monitorCount)"
        guard zmq_socket_monitor(socket.handle, address, ConnectionEvent.mask) == 0 else {
            throw StreamingError(.system, "monitor", "cannot be attached: \(zeroMQMessage())")
        }
        let monitor = try makeSocket(.pair, SocketOptions())
        try monitor.connect(address)
        monitors[ObjectIdentifier(socket)] = monitor
        watch(monitor) { monitor in
            while case .message(let parts) = monitor.receive() {
                if let event = ConnectionEvent(parts) { handler(event) }
            }
        }
    }

    func connect(
        _ socket: ZeroMQSocket,
        to address: String,
        _ handler: @escaping @Sendable (ConnectionEvent) -> Void
    ) throws(StreamingError) {
        let id = ObjectIdentifier(socket)
        connections[id] = Connection(address: address)
        try monitor(socket) { [weak self] event in
            if case .connected = event {
                self?.connections[id]?.isConnected = true
            } else {
                self?.connections[id]?.isConnected = false
                self?.checkConnection(id)
            }
            handler(event)
        }
        try socket.connect(address)
    }

    /// Connects anew if there is no connection in a second, and again until there is one.
    private func checkConnection(_ id: ObjectIdentifier) {
        guard connections[id]?.isChecked == false else { return }
        connections[id]?.isChecked = true
        schedule(after: .seconds(1)) { [weak self] in
            guard let self, let connection = connections[id] else { return }
            connections[id]?.isChecked = false
            if connection.isConnected { return }
            sockets[id]?.reconnect(connection.address)
            checkConnection(id)
        }
    }

    func close(_ socket: ZeroMQSocket) {
        connections[ObjectIdentifier(socket)] = nil
        if let monitor = monitors.removeValue(forKey: ObjectIdentifier(socket)) {
            zmq_socket_monitor(socket.handle, nil, 0)
            close(monitor)
        }
        watches.removeAll { $0.socket === socket }
        sockets[ObjectIdentifier(socket)] = nil
        socket.close()
    }

    func shutDown() {
        for socket in Array(sockets.values) { close(socket) }
        timers = []
        guard let context else { return }
        // With every socket closed and nothing lingering, this waits only until the ports are free.
        while zmq_ctx_term(context) != 0, zmq_errno() == EINTR {}
        self.context = nil
    }
}
