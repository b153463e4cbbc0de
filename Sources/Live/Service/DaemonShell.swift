import Digests
import Foundation
import Logging
import ServiceLifecycle
import Settings
import Synchronization
import Threading
import UnixSignals

/// Runs a pipeline as a service: readiness, watchdog, status, reload and stop.
///
/// SIGTERM and SIGINT stop it within 5 s, a second one at once; SIGHUP reads the settings again.
public struct DaemonShell: Sendable {
    /// Makes the pipeline; called once, on a thread where it may take its time.
    ///
    /// Its arguments are the settings, the SHA-256 of their canonical text, the logger, and what to call as soon as
    /// volumes can come.
    public typealias PipelineFactory =
        @Sendable (DaemonSettings, String, Logger, @escaping @Sendable () -> Void) throws -> any DaemonPipeline

    /// How long a stop may take before the process just ends.
    static let longestStop = Duration.seconds(5)
    /// How long a start may take before the service manager is no longer asked for patience.
    static let longestStart = Duration.seconds(600)

    private let settingsFile: String
    private let journal: Journal
    private let logger: Logger
    private let notifier: ServiceNotifier
    private let makePipeline: PipelineFactory
    private let state: DaemonState
    private let overridesLogLevel: Bool

    /// Prepares a daemon.
    ///
    /// - Parameters:
    ///   - settings: What to do.
    ///   - settingsFile: Where the settings are read again.
    ///   - journal: The log.
    ///   - overridesLogLevel: Whether the journal's level stays, whatever the settings say.
    ///   - notifier: The service manager.
    ///   - makePipeline: Makes what is run.
    public init(
        settings: DaemonSettings,
        settingsFile: String,
        journal: Journal,
        overridesLogLevel: Bool = false,
        notifier: ServiceNotifier = ServiceNotifier(),
        makePipeline: @escaping PipelineFactory
    ) {
        (self.settingsFile, self.journal, self.notifier) = (settingsFile, journal, notifier)
        (self.makePipeline, self.overridesLogLevel) = (makePipeline, overridesLogLevel)
        logger = journal.logger("perceptd")
        state = DaemonState(settings)
    }

    /// Works until it is told to stop.
    ///
    /// - Throws: why the pipeline could not be made or failed.
    public func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let (reloads, reload) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for await signal in signals {
                    if signal == .sighup { reload.yield() } else { await stop(signal) }
                }
            }
            tasks.addTask { for await _ in reloads { await self.reload() } }
            tasks.addTask { await askForPatience() }
            defer { tasks.cancelAll() }
            try await work()
        }
    }

    private func work() async throws {
        let settings = state.settings
        let hash = Self.hash(of: settings)
        logger.notice("starting", metadata: ["settings": "\(settingsFile)", "configuration": "\(hash)"])
        let maker = PipelineMaker()
        let pipeline = try await maker.make { try makePipeline(settings, hash, logger, becomeReady) }
        // The group's own messages repeat what is logged here.
        var quiet = logger
        quiet.logLevel = .critical
        let services: [any Service] = [
            StatusService(pipeline: pipeline, notifier: notifier, journal: journal, state: state),
            WatchdogService(progress: pipeline.progress, notifier: notifier, logger: logger),
            PipelineService(pipeline: pipeline, state: state),
        ]
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            },
            logger: quiet
        )
        // What does not stop is cancelled, and has a second left.
        configuration.maximumGracefulShutdownDuration = Self.longestStop - .seconds(1)
        let group = ServiceGroup(configuration: configuration)
        state.start(group, pipeline)
        try await group.run()
        logger.notice("stopped")
    }

    /// The digest of settings that stands in every output's provenance.
    static func hash(of settings: DaemonSettings) -> String {
        SHA256.hexDigest(of: settings.canonicalText.utf8)
    }

    private var becomeReady: @Sendable () -> Void {
        { [logger, notifier, state] in
            guard state.becomeReady() else { return }
            logger.notice("ready")
            notifier.ready(status: "ready")
        }
    }

    /// Asks for more time while the pipeline loads.
    private func askForPatience() async {
        let end = SuspendingClock().now + Self.longestStart
        while !state.isReady, SuspendingClock().now < end {
            notifier.extendTimeout(by: .seconds(30))
            do { try await Task.sleep(for: .seconds(10)) } catch { return }
        }
    }

    private func stop(_ signal: UnixSignal) async {
        switch state.stop() {
        case .group(let group):
            logger.notice("stopping", metadata: ["signal": "\(signal)"])
            notifier.stopping(status: "stopping")
            startDeadline()
            await group.triggerGracefulShutdown()
        case .nothingRuns:
            logger.notice("stopped while starting", metadata: ["signal": "\(signal)"])
            notifier.stopping(status: "stopping")
            journal.flush()
            _exit(0)
        case .isStopping:
            logger.critical("forced to stop", metadata: ["signal": "\(signal)"])
            journal.flush(for: .milliseconds(200))
            _exit(ExitStatus.temporary.rawValue)
        }
    }

    /// Ends the process if the stop takes too long, whatever the tasks wait for.
    private func startDeadline() {
        let thread = Thread { [journal, logger] in
            Thread.sleep(forTimeInterval: Self.longestStop / .seconds(1))
            logger.critical("did not stop in time")
            journal.flush(for: .milliseconds(200))
            _exit(ExitStatus.internal.rawValue)
        }
        thread.start()
    }

    private func reload() async {
        guard let pipeline = state.pipeline else { return logger.warning("too early to reload") }
        notifier.reloading()
        do throws(SettingsError) {
            let new = try DaemonSettings(contentsOf: settingsFile)
            var (accepted, refused) = DaemonSettings.reloadable(from: state.settings, to: new)
            if overridesLogLevel { accepted.logLevel = state.settings.logLevel }
            refused += await pipeline.reload(accepted)
            state.settings = accepted
            if !overridesLogLevel, let level = Logger.Level(rawValue: accepted.logLevel) { journal.level = level }
            for key in refused { logger.warning("setting changes only with a restart", metadata: ["key": "\(key)"]) }
            logger.notice("reloaded", metadata: ["configuration": "\(Self.hash(of: accepted))"])
        } catch {
            for problem in error.problems {
                logger.error("settings stay as they were", metadata: ["problem": "\(problem)"])
            }
        }
        notifier.ready(status: "ready")
    }
}

/// Makes a pipeline on a thread of its own, which loading weights may block.
private actor PipelineMaker {
    private let thread = ThreadExecutor(name: "start")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    func make(_ body: @Sendable () throws -> any DaemonPipeline) throws -> any DaemonPipeline { try body() }
}
