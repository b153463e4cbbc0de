import Foundation

/// Ports of this machine that nothing uses.
public enum LoopbackPorts {
    /// Some different ports that were free a moment ago, for a program that is told its ports before it binds them.
    ///
    /// - Throws: `StreamingError` where the system gives none.
    public static func free(_ count: Int) throws(StreamingError) -> [Int] {
        // All are held until all are known, so that they differ.
        var held: [Int32] = []
        defer { for descriptor in held { close(descriptor) } }
        var ports: [Int] = []
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw failure() }
            held.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
                }
            }
            guard result == 0 else { throw failure() }
            ports.append(Int(UInt16(bigEndian: address.sin_port)))
        }
        return ports
    }

    private static func failure() -> StreamingError {
        StreamingError(.system, "127.0.0.1", "has no free port: \(String(cString: strerror(errno)))")
    }
}
