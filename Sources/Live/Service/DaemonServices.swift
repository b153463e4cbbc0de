import Logging
import ServiceLifecycle

/// The pipeline as a service.
struct PipelineService: Service {
    let pipeline: any DaemonPipeline
    let state: DaemonState

    func run() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await pipeline.run()
                return true
            }
            tasks.addTask {
                try await gracefulShutdown()
                await pipeline.stop()
                return false
            }
            // The pipeline ends by itself once it is stopped; nothing else ends it.
            while let isEnd = try await tasks.next() {
                if isEnd { break }
            }
            tasks.cancelAll()
        }
        guard state.isStopping else {
            throw LiveError(.unavailable, "pipeline", "ended by itself; look for the reason in the log before")
        }
    }
}

/// Feeds the service manager's watchdog while work goes on.
struct WatchdogService: Service {
    let progress: ProgressMonitor
    let notifier: ServiceNotifier
    let logger: Logger

    func run() async throws {
        // Half the interval, so that one late sign of life does no harm.
        let interval = min(max((notifier.watchdogInterval ?? .seconds(10)) / 2, .milliseconds(20)), .seconds(5))
        var stuck: Set<String> = []
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let stalls = progress.stalls
            for stall in stalls where !stuck.contains(stall.lane) {
                let seconds = (stall.silence / .milliseconds(1)).rounded() / 1000
                logger.error("lane does not get on", metadata: ["lane": "\(stall.lane)", "seconds": "\(seconds)"])
            }
            let lanes = Set(stalls.map(\.lane))
            for lane in stuck.subtracting(lanes).sorted() {
                logger.notice("lane gets on again", metadata: ["lane": "\(lane)"])
            }
            stuck = lanes
            if stuck.isEmpty { notifier.watchdog() }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: interval) }
        }
    }
}

/// Keeps the service manager's status line up to date, and reports warnings that were held back.
struct StatusService: Service {
    let pipeline: any DaemonPipeline
    let notifier: ServiceNotifier
    let journal: Journal
    let state: DaemonState

    func run() async throws {
        var last = ""
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            if state.isReady {
                let status = await pipeline.statusLine()
                if status != last { notifier.status(status) }
                last = status
            }
            journal.reportSuppressed()
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(2)) }
        }
    }
}
