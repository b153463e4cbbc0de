import Foundation

/// Tells the service manager how the daemon is: the protocol of `sd_notify(3)`.
///
/// Without a service manager every message goes nowhere.
public struct ServiceNotifier: Sendable {
    /// The socket's name, nil without a service manager; a leading `@` means an abstract one.
    public let socket: String?
    /// How often the service manager wants a sign of life; nil if it does not watch this process.
    public let watchdogInterval: Duration?

    /// Finds the service manager by `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let name = environment["NOTIFY_SOCKET"] ?? ""
        let fits = name.utf8.count > 1 && name.utf8.count < Self.longestName
        socket = fits && (name.hasPrefix("/") || name.hasPrefix("@")) ? name : nil
        let isForUs = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap(Int64.init) ?? 0
        let isWatched = socket != nil && isForUs && microseconds > 0
        watchdogInterval = isWatched ? .microseconds(microseconds) : nil
    }

    /// Says that the daemon is ready, or has taken over new settings.
    public func ready(status: String) { send("READY=1\nSTATUS=\(Self.line(status))") }

    /// Says what the daemon does, for `systemctl status`.
    public func status(_ status: String) { send("STATUS=\(Self.line(status))") }

    /// Says that the daemon is about to end.
    public func stopping(status: String) { send("STOPPING=1\nSTATUS=\(Self.line(status))") }

    /// Says that settings are read again; ``ready(status:)`` has to follow.
    public func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
    }

    /// Gives a sign of life.
    public func watchdog() { send("WATCHDOG=1") }

    /// Asks for more time to start, from now on.
    public func extendTimeout(by duration: Duration) {
        send("EXTEND_TIMEOUT_USEC=\(Int64(duration / .microseconds(1)))")
    }

    /// A socket's name in an address has 108 bytes, the last of which is 0.
    private static let longestName = 108

    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// Sends one datagram; what goes wrong has no one to be told.
    @discardableResult
    func send(_ message: String) -> Bool {
        guard let socket else { return false }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A service manager that does not read must not hold the daemon up.
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(socket.utf8)
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + name.count } ?? 0)
        let bytes = Array(message.utf8)
        let sent = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
        return sent == bytes.count
    }
}
