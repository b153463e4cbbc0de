import Foundation

/// A TCP socket that never blocks; it closes with its last reference.
///
/// It is used by one thread at a time.
final class TCPSocket {
    /// What came of reading or writing.
    enum Outcome: Equatable {
        /// So many bytes.
        case bytes(Int)
        /// Nothing can be read or written now.
        case wait
        /// The peer has closed its side, or the connection is broken.
        case closed
    }

    /// For `poll`.
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Listens on a port of an address; 0 for any that is free.
    static func listen(host: String, port: Int) throws(StreamingError) -> TCPSocket {
        try open(host: host, port: port, flags: AI_PASSIVE) { socket, address in
            var yes: Int32 = 1
            setsockopt(socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            return Glibc.bind(socket.descriptor, address.ai_addr, address.ai_addrlen) == 0
                && Glibc.listen(socket.descriptor, 8) == 0
        }
    }

    /// Begins to connect; the socket can be written once it has.
    static func connect(host: String, port: Int) throws(StreamingError) -> TCPSocket {
        try open(host: host, port: port, flags: 0) { socket, address in
            Glibc.connect(socket.descriptor, address.ai_addr, address.ai_addrlen) == 0 || errno == EINPROGRESS
        }
    }

    private static func open(
        host: String,
        port: Int,
        flags: Int32,
        use: (TCPSocket, addrinfo) -> Bool
    ) throws(StreamingError) -> TCPSocket {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let first = found else {
            throw StreamingError(.address, "\(host):\(port)", "is no address: \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(found) }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(first.pointee.ai_family, kind, 0)
        guard descriptor >= 0 else { throw StreamingError(.system, "\(host):\(port)", Self.reason(errno)) }
        let socket = TCPSocket(descriptor)
        guard use(socket, first.pointee) else {
            throw StreamingError(.address, "\(host):\(port)", "cannot be used: \(Self.reason(errno))")
        }
        return socket
    }

    /// The words of the system for an error.
    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// The next peer that has connected, with its numeric address; nil if there is none.
    ///
    /// Throws `system` where the system has no descriptor left.
    func accept() throws(StreamingError) -> (socket: TCPSocket, address: String)? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let peer = Self.address(&storage) { Glibc.accept(descriptor, $0, &length) }
        guard peer >= 0 else {
            let code = errno
            guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) else { return nil }
            throw StreamingError(.system, "connection", "cannot be accepted: \(Self.reason(code))")
        }
        _ = fcntl(peer, F_SETFL, O_NONBLOCK)
        _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
        return (TCPSocket(peer), Self.name(&storage, length).host)
    }

    /// The port of this side.
    var localPort: Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        guard Self.address(&storage, { getsockname(descriptor, $0, &length) }) == 0 else { return 0 }
        return Int(Self.name(&storage, length).port) ?? 0
    }

    /// Whether an attempt to connect has failed, and why.
    var failure: String? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code == 0 ? nil : Self.reason(code)
    }

    /// Lets the system find out within half a minute that a silent peer's machine is gone.
    func watchPeer() {
        let options: [(Int32, Int32, Int32)] = [
            (SOL_SOCKET, SO_KEEPALIVE, 1), (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10),
            (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5),
            (Int32(IPPROTO_TCP), TCP_KEEPCNT, 3),
        ]
        for (level, option, value) in options {
            var value = value
            setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    /// Reads what is there, up to the size of the buffer.
    func read(_ buffer: inout [UInt8]) -> Outcome {
        outcome(buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) })
    }

    /// Writes as much as the system takes.
    func write(_ bytes: ArraySlice<UInt8>) -> Outcome {
        outcome(bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) })
    }

    /// Tells the peer that nothing more comes.
    func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    private func outcome(_ count: Int) -> Outcome {
        if count > 0 { return .bytes(count) }
        return count < 0 && [EAGAIN, EWOULDBLOCK, EINTR].contains(errno) ? .wait : .closed
    }

    private static func address<Value>(
        _ storage: inout sockaddr_storage,
        _ body: (UnsafeMutablePointer<sockaddr>) -> Value
    ) -> Value {
        withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
        }
    }

    private static func name(_ storage: inout sockaddr_storage, _ length: socklen_t) -> (host: String, port: String) {
        var (host, port) = ([CChar](repeating: 0, count: 64), [CChar](repeating: 0, count: 8))
        let flags = NI_NUMERICHOST | NI_NUMERICSERV
        let status = address(&storage) { getnameinfo($0, length, &host, 64, &port, 8, flags) }
        guard status == 0 else { return ("?", "0") }
        let text = { (characters: [CChar]) in
            String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return (text(host), text(port))
    }
}

/// Waits until one of several descriptors is ready.
enum Readiness {
    /// Which of them can be used, or have failed.
    ///
    /// - Parameters:
    ///   - descriptors: What is awaited, and whether for writing.
    ///   - timeout: The longest wait in s; nil for as long as it takes.
    static func wait(_ descriptors: [(descriptor: Int32, forWriting: Bool)], timeout: Double?) -> [Bool] {
        var polled = descriptors.map {
            pollfd(fd: $0.descriptor, events: Int16($0.forWriting ? POLLOUT : POLLIN), revents: 0)
        }
        let milliseconds = timeout.map { Int32(min(max($0 * 1000, 0), 1e8).rounded(.up)) } ?? -1
        // An interruption counts as nothing being ready: callers come back.
        let count = poll(&polled, nfds_t(polled.count), milliseconds)
        return polled.map { count > 0 && $0.revents != 0 }
    }
}
