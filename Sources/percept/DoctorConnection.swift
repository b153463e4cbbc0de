import Foundation

/// A TCP connection to a peer, for as long as it takes to see what it says.
struct DoctorConnection {
    private let descriptor: Int32

    /// Connects within a time in s; throws if nobody answers.
    init(host: String, port: Int, timeout: Double) throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &list) == 0, let first = list else {
            throw CommandFailure(.unavailable, "\(host) is not known")
        }
        defer { freeaddrinfo(list) }
        let type = first.pointee.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(first.pointee.ai_family, type, 0)
        guard descriptor >= 0 else { throw CommandFailure(.unavailable, "no socket") }
        _ = connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen)
        var (error, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        guard Self.wait(descriptor, Int16(POLLOUT), timeout),
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0, error == 0
        else {
            Foundation.close(descriptor)
            throw CommandFailure(.unavailable, "\(host):\(port) does not answer")
        }
    }

    func close() { Foundation.close(descriptor) }

    func write(_ bytes: [UInt8]) { _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// What comes within a time in s, at most 4096 bytes.
    func read(for seconds: Double) -> [UInt8] {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var (received, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        while ContinuousClock.now < deadline, received.count < buffer.count {
            guard Self.wait(descriptor, Int16(POLLIN), 0.1) else { continue }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return received }
            received += buffer[..<count]
        }
        return received
    }

    private static func wait(_ descriptor: Int32, _ events: Int16, _ seconds: Double) -> Bool {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        return poll(&entry, 1, Int32(seconds * 1000)) == 1
    }
}
