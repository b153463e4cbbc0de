import Foundation
import SharedMaterial
import Synchronization

/// The place of a service manager: a socket for notifications.
final class NotificationSocket: Sendable {
    let name: String
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    /// Binds a socket and collects what comes.
    init(name: String) throws {
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
    var messages: [String] { received.withLock { $0 } }

    /// Ends the collection.
    func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

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

/// A daemon as a process of its own.
final class ServiceProcess {
    let process = Process()
    let folder: URL
    private let errors: URL

    /// Prepares a folder with settings.
    init(_ name: String, settings: String = "bundle: a.percept\n", environment: [String: String] = [:]) throws {
        guard let executable = BuiltExecutable.named(name) else { throw CocoaError(.fileNoSuchFile) }
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("percept-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        errors = folder.appendingPathComponent("errors.txt")
        try Data().write(to: errors)
        process.executableURL = executable
        process.arguments = ["--config", settingsFile.path]
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
            .filter { !["JOURNAL_STREAM", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"].contains($0.key) }
            .merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: errors)
        try write(settings)
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    var settingsFile: URL { folder.appendingPathComponent("perceptd.yaml") }

    /// Changes the settings.
    func write(_ settings: String) throws { try Data(settings.utf8).write(to: settingsFile) }

    /// Adds what makes a process a service.
    func notify(_ socket: NotificationSocket, watchdog: Duration? = nil) {
        process.environment?["NOTIFY_SOCKET"] = socket.name
        if let watchdog { process.environment?["WATCHDOG_USEC"] = "\(Int(watchdog / .microseconds(1)))" }
    }

    func start() throws { try process.run() }

    func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// What it wrote to standard error so far.
    var log: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    /// Its status at the end; nil if it does not end in 30 s.
    func end() async -> Int32? {
        guard await eventually({ !self.process.isRunning }) else { return nil }
        return process.terminationStatus
    }
}

/// Waits until something is so, at most 30 s.
func eventually(_ condition: () -> Bool) async -> Bool {
    let end = SuspendingClock().now + .seconds(30)
    while !condition() {
        if SuspendingClock().now > end { return false }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return true
}
