import Foundation
import Logging
import Neuroimaging
import Sessions
import Settings
import Streaming
import WireFormat

/// The daemon's pipeline as its shell starts, watches, reloads and stops it.
public actor LivePipeline: DaemonPipeline {
    /// What shows that work goes on.
    public nonisolated let progress = ProgressMonitor()
    private var settings: DaemonSettings
    private let software: String
    private let log: Logger
    private let onReady: @Sendable () -> Void
    private var daemon: LiveDaemon?
    private var isStopped = false

    /// How long a lane may work on one thing; decoding marks every sampler step.
    private static let limits = ["volumes": Duration.seconds(20), "decoding": .seconds(60)]

    /// Describes a pipeline; nothing is opened before it runs.
    ///
    /// - Parameters:
    ///   - settings: What the daemon is told to do.
    ///   - software: The program and its version.
    ///   - log: The log.
    ///   - onReady: Is called when volumes are taken in.
    public init(
        _ settings: DaemonSettings,
        software: String,
        log: Logger,
        onReady: @escaping @Sendable () -> Void
    ) {
        (self.settings, self.software, self.log, self.onReady) = (settings, software, log, onReady)
    }

    /// Opens everything and works until ``stop()``.
    public func run() async throws {
        guard !isStopped else { return }
        let log = log
        let publisher = try await StreamPublisher(
            PublisherSettings(settings.output),
            name: "perceptd",
            security: try SocketSecurity(settings.security),
            onFault: { fault in
                log.info("subscriber", metadata: ["what": "\(fault.code.rawValue)", "detail": "\(fault.detail)"])
            }
        )
        do {
            try await run(publisher)
        } catch {
            await publisher.close()
            throw error
        }
        await publisher.close()
    }

    private func run(_ publisher: StreamPublisher) async throws {
        let progress = progress
        let daemon = try LiveDaemon(
            settings: settings,
            configuration: settings.canonicalText,
            software: software,
            source: try VolumeSources.make(settings),
            publication: StreamPublication(publisher, log: log),
            progress: { name in
                // A disk that hangs stops the recording, and is no reason to stop decoding.
                guard let limit = Self.limits[name] else { return nil }
                let lane = progress.lane(name, limit: limit)
                return { $0 ? lane.advance() : lane.rest() }
            },
            log: log
        )
        self.daemon = daemon
        let onReady = onReady
        try await daemon.run { onReady() }
    }

    /// Closes the run that goes on, with the reason "stopped", and lets ``run()`` return.
    public func stop() {
        isStopped = true
        daemon?.stop()
    }

    /// Takes over what may change while the daemon runs; returns the keys of what may not.
    public func reload(_ changed: DaemonSettings) -> [String] {
        let (accepted, refused) = DaemonSettings.reloadable(from: settings, to: changed)
        settings = accepted
        daemon?.reload(accepted, configuration: accepted.canonicalText)
        return refused
    }

    /// The run, its volumes and the trials decoded.
    public func statusLine() -> String {
        guard let status = daemon?.status else { return "starting" }
        guard let run = daemon?.monitor.run else { return status.state }
        let recording = status.recording.state == "stopped" ? "; NOT RECORDING" : ""
        return "\(run): volume \(status.index.map(String.init) ?? "none"), \(status.trials.decoded) trials decoded"
            + ", \(status.faults) faults\(recording)"
    }
}
