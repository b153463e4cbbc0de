import Foundation
import Neuroimaging
import Sessions
import Streaming
import TestSupport
import Testing
import WireFormat

/// A daemon on a bench: the real `perceptd` with a small decoder, a scanner before it and a subscriber behind it.
final class DaemonBench {
    /// Everything of the daemon: settings, bundle and state.
    let folder: TemporaryFolder
    /// What volumes come from.
    let scanner: Scanner
    /// What was published.
    let history: History
    /// Where the daemon publishes.
    let output: String
    /// Where it says that it is ready.
    let notifications: NotificationSocket
    /// The settings' sections; changes count from the next start on.
    var settings: [String: [String: String]]
    /// The settings outside of sections; changes count from the next start on.
    var files: [String: String] = [:]
    /// Added to the environment of the next start.
    var environment: [String: String] = [:]
    /// A command that the daemon is run by.
    var wrapper: [String] = []
    private(set) var daemon: ServiceProcess?
    private var readyBefore = 0

    /// The scan of all benches.
    static let scan = Result { try SmallScan() }

    /// Puts everything together; nothing is started.
    ///
    /// - Parameters:
    ///   - state: The state folder, if it is not to be in the bench's own.
    ///   - output: Where the daemon publishes, if not on loopback.
    ///   - security: Of the scanner and the subscriber.
    ///   - change: Changes the publisher's settings.
    init(
        state: String? = nil,
        output address: String? = nil,
        security: (scanner: SocketSecurity, subscriber: SocketSecurity) = (.plain, .plain),
        _ change: (inout PublisherSettings) -> Void = { _ in }
    ) async throws {
        folder = try TemporaryFolder()
        let scan = try Self.scan.get()
        var publisher = PublisherSettings(publish: "tcp://127.0.0.1:*")
        publisher.heartbeatInterval = .milliseconds(50)
        change(&publisher)
        scanner = Scanner(scan: scan, publisher: try await StreamPublisher(publisher, security: security.scanner))
        notifications = try NotificationSocket(name: folder.path("notify"))
        output = address ?? "tcp://127.0.0.1:\(FreePort.next())"
        history = try await History(output, security: security.subscriber)
        settings = [
            "input": [
                "kind": "percept", "subscribe": scanner.publisher.address, "resend": scanner.publisher.resendAddress,
                "repairDeadline": "10",
            ],
            "ingest": ["queue": "1000"],
            "decoding": ["steps": "3", "fewestSteps": "2", "deadline": "60", "queue": "100"],
            "output": [
                "publish": output, "resend": "tcp://127.0.0.1:\(FreePort.next())", "statusInterval": "0.1",
                "queue": "2000",
            ],
            "recording": ["checkpointInterval": "5", "freeSpace": "0"],
            "threads": ["volumes": "1", "decoding": "1"],
        ]
        (bundle, self.state) = (folder.path("small.percept"), state ?? folder.path("state"))
        files = ["bundle": bundle, "state": self.state]
        try SmallDecoder.write(to: URL(fileURLWithPath: bundle), scan)
    }

    deinit { notifications.close() }

    /// The decoder.
    let bundle: String
    /// The daemon's state folder.
    let state: String
    /// The daemon's store.
    var store: SessionStore { SessionStore(folder: URL(fileURLWithPath: state)) }
    /// What the daemon wrote to standard error since its last start.
    var log: String { daemon?.log ?? "" }

    /// The settings as YAML.
    var text: String {
        var text = files.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined()
        for (name, section) in settings.sorted(by: { $0.key < $1.key }) {
            text += "\(name):\n" + section.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)\n" }.joined()
        }
        return text
    }

    /// Starts the daemon, without waiting for it.
    func launch() throws {
        history.forgetStatus()
        readyBefore = readyCount
        let daemon = try ServiceProcess(
            "perceptd",
            settings: text,
            environment: environment,
            folder: folder.url.appendingPathComponent("daemon")
        )
        daemon.notify(notifications)
        if let program = wrapper.first, let executable = daemon.process.executableURL {
            daemon.process.executableURL = URL(fileURLWithPath: program)
            daemon.process.arguments = wrapper.dropFirst() + [executable.path] + (daemon.process.arguments ?? [])
        }
        self.daemon = daemon
        try daemon.start()
    }

    private var readyCount: Int { notifications.messages.filter { $0.hasPrefix("READY=1") }.count }

    /// Whether the daemon that was started last is ready.
    var isReady: Bool { readyCount > readyBefore }

    /// Starts the daemon and waits until it is ready; returns how long that took in s.
    @discardableResult
    func start(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Double {
        let start = ContinuousClock.now
        try launch()
        let isReady = await eventually { self.isReady || self.daemon?.process.isRunning == false }
        #expect(isReady && self.isReady, "the daemon is not ready: \(log)", sourceLocation: sourceLocation)
        return (ContinuousClock.now - start) / .seconds(1)
    }

    /// Starts the daemon and waits until its first messages come, so that nothing it says is missed.
    func startHeard(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await start(sourceLocation: sourceLocation)
        #expect(await eventually { self.history.status != nil }, "no status: \(log)", sourceLocation: sourceLocation)
    }

    /// Ends the daemon as nothing else can.
    func kill() async {
        daemon?.signal(SIGKILL)
        _ = await daemon?.end()
    }

    /// Tells the daemon to stop; returns its exit status.
    func stop() async -> Int32? {
        daemon?.signal(SIGTERM)
        return await daemon?.end()
    }

    /// Ends everything.
    func close() async {
        if daemon?.process.isRunning == true { await kill() }
        await history.close()
        await scanner.publisher.close()
    }
}

/// Ports that nothing uses, below those that the system hands out by itself.
enum FreePort {
    static func next() -> Int {
        while true {
            let port = Int.random(in: 20_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if result == 0 { return port }
        }
    }
}
