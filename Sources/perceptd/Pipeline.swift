import Live
import Logging
import Settings

/// The pipeline that the daemon runs.
enum Pipeline {
    static func make(
        _ settings: DaemonSettings,
        _ configurationHash: String,
        _ logger: Logger,
        _ onReady: @escaping @Sendable () -> Void
    ) throws -> any DaemonPipeline {
        LivePipeline(settings, software: "perceptd \(Perceptd.version)", log: logger, onReady: onReady)
    }
}
