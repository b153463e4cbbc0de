import Settings

/// What the daemon's shell starts, watches, reloads and stops.
public protocol DaemonPipeline: Sendable {
    /// Works until it is stopped or the task is cancelled; a failure ends the daemon.
    func run() async throws

    /// Closes the run with the reason "stopped" and lets ``run()`` return.
    func stop() async

    /// Takes over settings; returns the keys whose change it refuses until a restart.
    func reload(_ settings: DaemonSettings) async -> [String]

    /// What shows that work goes on.
    var progress: ProgressMonitor { get }

    /// What it does right now, in a few words, for `systemctl status`.
    func statusLine() async -> String
}
