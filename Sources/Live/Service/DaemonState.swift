import ServiceLifecycle
import Settings
import Synchronization

/// Where a daemon is between its start and its end.
final class DaemonState: Sendable {
    /// What is there to stop.
    enum Stoppable {
        /// The services run.
        case group(ServiceGroup)
        /// The pipeline is not made yet.
        case nothingRuns
        /// A stop is under way.
        case isStopping
    }

    private struct Values {
        var settings: DaemonSettings
        var group: ServiceGroup?
        var pipeline: (any DaemonPipeline)?
        var isReady = false
        var isStopping = false
    }
    private let values: Mutex<Values>

    init(_ settings: DaemonSettings) { values = Mutex(Values(settings: settings)) }

    /// The settings in use.
    var settings: DaemonSettings {
        get { values.withLock { $0.settings } }
        set { values.withLock { $0.settings = newValue } }
    }

    var pipeline: (any DaemonPipeline)? { values.withLock { $0.pipeline } }
    var isReady: Bool { values.withLock { $0.isReady } }
    var isStopping: Bool { values.withLock { $0.isStopping } }

    func start(_ group: ServiceGroup, _ pipeline: any DaemonPipeline) {
        values.withLock { ($0.group, $0.pipeline) = (group, pipeline) }
    }

    /// Notes that volumes can come; false if that was known.
    func becomeReady() -> Bool {
        values.withLock { values in
            defer { values.isReady = true }
            return !values.isReady
        }
    }

    /// Notes that the daemon has to stop.
    func stop() -> Stoppable {
        values.withLock { values in
            if values.isStopping { return .isStopping }
            values.isStopping = true
            return values.group.map { .group($0) } ?? .nothingRuns
        }
    }
}
