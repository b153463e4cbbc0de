import CZeroMQ
import Foundation

/// A ZeroMQ socket; it belongs to the thread of the ``SocketLoop`` that made it, and is therefore not `Sendable`.
public final class ZeroMQSocket {
    /// What was there to receive.
    public enum Reception {
        /// Nothing; not now.
        case nothing
        /// A message's parts.
        case message([[UInt8]])
        /// A message beyond the limits, which was thrown away.
        case tooLarge(parts: Int, bytes: Int)
    }

    /// The kind.
    public let kind: SocketKind
    /// nil once it is closed.
    private(set) var handle: UnsafeMutableRawPointer?

    init(context: UnsafeMutableRawPointer?, kind: SocketKind, options: SocketOptions) throws(StreamingError) {
        self.kind = kind
        guard let context, let handle = zmq_socket(context, kind.number) else {
            throw StreamingError(.system, "socket", "cannot be made: \(context == nil ? "shut down" : zeroMQMessage())")
        }
        self.handle = handle
        do throws(StreamingError) {
            try set(options)
        } catch {
            close()
            throw error
        }
    }

    private func set(_ options: SocketOptions) throws(StreamingError) {
        try set(ZMQ_LINGER, 0)
        try set(ZMQ_SNDHWM, Int32(clamping: options.sendQueue))
        try set(ZMQ_RCVHWM, Int32(clamping: options.receiveQueue))
        var largest = Int64(options.largestPart)
        try check(zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &largest, 8), "largest message")
        try set(ZMQ_RECONNECT_IVL, Int32(clamping: options.reconnectInterval))
        try set(ZMQ_RECONNECT_IVL_MAX, Int32(clamping: options.longestReconnectInterval))
        try set(ZMQ_TCP_KEEPALIVE, 1)
        try set(ZMQ_TCP_KEEPALIVE_IDLE, 30)
        if options.heartbeatInterval > 0 {
            try set(ZMQ_HEARTBEAT_IVL, Int32(clamping: options.heartbeatInterval))
            try set(ZMQ_HEARTBEAT_TIMEOUT, Int32(clamping: options.heartbeatTimeout))
        }
        switch options.curve {
        case nil: break
        case .server(let keys):
            try set(ZMQ_CURVE_SERVER, 1)
            try set(ZMQ_CURVE_SECRETKEY, keys.secret)
            try set(ZMQ_ZAP_DOMAIN, "percept")
        case .client(let keys, let server):
            try set(ZMQ_CURVE_SERVERKEY, server)
            try set(ZMQ_CURVE_PUBLICKEY, keys.publicKey)
            try set(ZMQ_CURVE_SECRETKEY, keys.secret)
        }
    }

    /// Sets a number among libzmq's options.
    public func set(_ option: Int32, _ value: Int32) throws(StreamingError) {
        var value = value
        try check(zmq_setsockopt(handle, option, &value, 4), "option \(option)")
    }

    func set(_ option: Int32, _ text: String) throws(StreamingError) {
        try check(zmq_setsockopt(handle, option, text, text.utf8.count), "option \(option)")
    }

    /// Subscribes to the topics that begin so; the empty text is for all.
    public func subscribe(_ prefix: String) throws(StreamingError) {
        try set(ZMQ_SUBSCRIBE, prefix)
    }

    /// Waits for peers at an address, such as `tcp://127.0.0.1:5560`, or `tcp://127.0.0.1:*` for any free port.
    ///
    /// Throws `address` if it is in use or not one of this machine. Who may be let in is ``SocketSecurity``'s to say.
    public func bind(_ address: String) throws(StreamingError) {
        try allowVersion6(address)
        guard zmq_bind(handle, address) == 0 else {
            throw StreamingError(.address, address, "cannot be bound: \(zeroMQMessage()); choose another one")
        }
    }

    /// Connects to an address, and again if the connection is lost; the peer need not be there yet.
    ///
    /// libzmq does not come back after a peer has broken the protocol; ``SocketLoop/connect(_:to:_:)`` does.
    public func connect(_ address: String) throws(StreamingError) {
        try allowVersion6(address)
        guard zmq_connect(handle, address) == 0 else {
            throw StreamingError(.address, address, "cannot be connected to: \(zeroMQMessage())")
        }
    }

    /// Gives up the connection to an address, if there still is one, and connects anew.
    func reconnect(_ address: String) {
        zmq_disconnect(handle, address)
        zmq_connect(handle, address)
    }

    /// IPv6 is only on where it is asked for: with it, IPv4 addresses are named as IPv6 ones.
    private func allowVersion6(_ address: String) throws(StreamingError) {
        if address.hasPrefix("tcp://[") { try set(ZMQ_IPV6, 1) }
    }

    /// The address that it was last bound or connected to, with the port that was chosen.
    public var address: String {
        var bytes = [CChar](repeating: 0, count: 1024)
        var count = bytes.count
        guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &bytes, &count) == 0 else { return "" }
        return String(decoding: bytes.prefix(max(0, count - 1)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Sends a message without waiting; returns false if the queue to the peer is full, or there is no peer.
    ///
    /// A publisher never says false: what is too much for a subscriber is dropped for it. So does a router for peers
    /// that it does not know.
    @discardableResult
    public func send(_ parts: [[UInt8]]) -> Bool {
        guard let handle, !parts.isEmpty else { return false }
        for (number, part) in parts.enumerated() {
            let flags = ZMQ_DONTWAIT | (number < parts.count - 1 ? ZMQ_SNDMORE : 0)
            var result: Int32
            repeat {
                result = part.withUnsafeBytes { zmq_send(handle, $0.baseAddress, $0.count, flags) }
            } while result < 0 && zmq_errno() == EINTR
            if result < 0 { return false }
        }
        return true
    }

    /// Whether there is a peer whose queue is not full.
    ///
    /// Asking lets libzmq take note of peers that came and went.
    var isWritable: Bool {
        var (events, size) = (Int32(0), MemoryLayout<Int32>.size)
        guard let handle, zmq_getsockopt(handle, ZMQ_EVENTS, &events, &size) == 0 else { return false }
        return events & ZMQ_POLLOUT != 0
    }

    /// Receives a message without waiting.
    ///
    /// - Parameters:
    ///   - mostParts: The most parts of a message.
    ///   - mostBytes: The most bytes of all parts together.
    public func receive(mostParts: Int = 16, mostBytes: Int = 512 << 20) -> Reception {
        guard let handle else { return .nothing }
        var parts: [[UInt8]] = []
        var (count, bytes) = (0, 0)
        var hasMore = true
        while hasMore {
            var message = zmq_msg_t()
            zmq_msg_init(&message)
            defer { zmq_msg_close(&message) }
            while zmq_msg_recv(&message, handle, ZMQ_DONTWAIT) < 0 {
                if zmq_errno() != EINTR { return .nothing }
            }
            hasMore = zmq_msg_more(&message) != 0
            count += 1
            bytes += zmq_msg_size(&message)
            // The rest of a message that is too large is taken in all the same, to come to the next one.
            if count <= mostParts, bytes <= mostBytes {
                parts.append(
                    Array(UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: zmq_msg_size(&message)))
                )
            } else {
                parts = []
            }
        }
        return count <= mostParts && bytes <= mostBytes ? .message(parts) : .tooLarge(parts: count, bytes: bytes)
    }

    /// Closes it; what waits to be sent is dropped.
    func close() {
        if let handle { zmq_close(handle) }
        handle = nil
    }

    private func check(_ result: Int32, _ what: String) throws(StreamingError) {
        if result != 0 { throw StreamingError(.system, "socket", "refuses its \(what): \(zeroMQMessage())") }
    }
}

/// What libzmq says about its last failure on this thread.
func zeroMQMessage() -> String { String(cString: zmq_strerror(zmq_errno())) }
