import Foundation
import Synchronization

/// The place of a service manager: a socket for notifications.
public final class NotificationSocket: Sendable {
    /// Its name.
    public let name: String
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    /// Binds a socket and collects what comes.
    public init(name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard result == 0 else { throw CocoaError(.fileWriteUnknown) }
        let thread = Thread { [self] in collect() }
        thread.start()
    }

    /// What came so far.
    public var messages: [String] { received.withLock { $0 } }

    /// Ends the collection.
    public func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func collect() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { break }
            received.withLock { $0.append(String(decoding: buffer.prefix(count), as: UTF8.self)) }
        }
        Glibc.close(descriptor)
        unlink(name)
    }
}
