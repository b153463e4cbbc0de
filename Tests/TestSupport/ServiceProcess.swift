import Foundation
import SharedMaterial

/// A daemon as a process of its own.
public final class ServiceProcess {
    /// The process, to be changed before its start.
    public let process = Process()
    /// Where its settings are.
    public let folder: URL
    private let errors: URL
    private let isOwner: Bool

    /// Prepares a folder with settings.
    ///
    /// `folder` is one that stays; without it there is one that goes with the process.
    public init(
        _ name: String,
        settings: String = "bundle: a.percept\n",
        environment: [String: String] = [:],
        folder: URL? = nil
    ) throws {
        guard let executable = BuiltExecutable.named(name) else { throw CocoaError(.fileNoSuchFile) }
        isOwner = folder == nil
        self.folder =
            folder
            ?? FileManager.default.temporaryDirectory.appendingPathComponent("percept-\(UUID().uuidString.prefix(8))")
        let folder = self.folder
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
        if isOwner { try? FileManager.default.removeItem(at: folder) }
    }

    /// Its settings.
    public var settingsFile: URL { folder.appendingPathComponent("perceptd.yaml") }

    /// Changes the settings.
    public func write(_ settings: String) throws { try Data(settings.utf8).write(to: settingsFile) }

    /// Adds what makes a process a service.
    public func notify(_ socket: NotificationSocket, watchdog: Duration? = nil) {
        process.environment?["NOTIFY_SOCKET"] = socket.name
        if let watchdog { process.environment?["WATCHDOG_USEC"] = "\(Int(watchdog / .microseconds(1)))" }
    }

    /// Starts it.
    public func start() throws { try process.run() }

    /// Sends it a signal.
    public func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// What it wrote to standard error so far.
    public var log: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    /// Its status at the end; nil if it does not end in 30 s.
    public func end() async -> Int32? {
        guard await eventually({ !self.process.isRunning }) else { return nil }
        return process.terminationStatus
    }
}
