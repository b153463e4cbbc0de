import Foundation
import Logging
import Neuroimaging
import Sessions
import Synchronization
import WireFormat

/// What the lanes count and notice: the content of `status`, and the way of every fault into log and session.
public final class LiveMonitor: Sendable {
    private struct State {
        var state = "starting"
        var run: RunKey?
        var lastIndex: Int?
        var volumes = StatusBody.Volumes()
        var trials = StatusBody.Trials()
        var recording = StatusBody.Recording(state: "off")
        var faults: [String: Int] = [:]
    }

    /// Latencies by stage.
    public let latencies = LatencyRecord()
    private let state = Mutex(State())
    private let log: Logger

    /// Starts with nothing counted.
    public init(log: Logger) { self.log = log }

    /// The run that goes on, if one does.
    public var run: RunKey? { state.withLock { $0.run } }

    /// The volumes counted so far, of this run.
    public var volumes: StatusBody.Volumes { state.withLock { $0.volumes } }

    /// The trials counted so far, of this run.
    public var trials: StatusBody.Trials { state.withLock { $0.trials } }

    /// The faults counted so far, by code.
    public var faults: [String: Int] { state.withLock { $0.faults } }

    /// What the daemon does now: starting, waiting, running, stopping.
    public func set(state name: String) { state.withLock { $0.state = name } }

    /// Starts to count a run.
    public func begin(_ run: RunKey) {
        latencies.reset()
        state.withLock {
            $0.run = run
            $0.state = "running"
            $0.lastIndex = nil
            $0.volumes = StatusBody.Volumes()
            $0.trials = StatusBody.Trials()
        }
    }

    /// A run is over.
    public func end() {
        state.withLock {
            $0.run = nil
            $0.state = "waiting"
        }
    }

    /// Changes the counts of volumes.
    public func count(_ change: (inout StatusBody.Volumes) -> Void) { state.withLock { change(&$0.volumes) } }

    /// Changes the counts of trials.
    public func countTrials(_ change: (inout StatusBody.Trials) -> Void) { state.withLock { change(&$0.trials) } }

    /// Notes the last volume that was processed.
    public func processed(_ index: Int) {
        state.withLock {
            $0.lastIndex = index
            $0.volumes.processed += 1
        }
    }

    /// Notes what the recorder does.
    public func set(recording: StatusBody.Recording) { state.withLock { $0.recording = recording } }

    /// Counts and logs something that was refused, lost or noticed; returns it for the session's log.
    @discardableResult
    public func report(_ fault: SourceFault, run: RunKey? = nil) -> FaultRecord {
        let severity = Self.severity(fault.code)
        var metadata: Logger.Metadata = ["subject": "\(fault.subject)", "detail": "\(fault.detail)"]
        if let run { metadata["run"] = "\(run)" }
        if severity == .notice {
            log.notice("\(fault.code.rawValue)", metadata: metadata)
        } else {
            state.withLock { $0.faults[fault.code.rawValue, default: 0] += 1 }
            log.log(level: severity == .error ? .error : .warning, "\(fault.code.rawValue)", metadata: metadata)
        }
        return FaultRecord(
            at: Date().timeIntervalSince1970,
            severity: severity,
            code: fault.code.rawValue,
            subject: fault.subject,
            detail: fault.detail
        )
    }

    private static func severity(_ code: SourceFault.Code) -> FaultRecord.Severity {
        switch code {
        case .connected: .notice
        case .lost, .unavailable: .error
        default: .warning
        }
    }

    /// Writes the percentiles of each stage into the log, at the end of a run.
    public func logLatencies() {
        for (stage, latency) in latencies.summary.sorted(by: { $0.key < $1.key }) {
            let text = { (milliseconds: Double) in String(format: "%.2f", milliseconds) }
            log.notice(
                "latency",
                metadata: [
                    "stage": "\(stage)", "count": "\(latency.count)", "medianMs": "\(text(latency.median))",
                    "p90Ms": "\(text(latency.p90))", "p99Ms": "\(text(latency.p99))", "maxMs": "\(text(latency.max))",
                ]
            )
        }
    }

    /// The body of a `status` message.
    public func status(source: String, bundle: String?, queues: [String: StatusBody.Queue]) -> StatusBody {
        let now = state.withLock { $0 }
        var body = StatusBody(state: now.state, source: source)
        (body.bundle, body.index) = (bundle, now.lastIndex)
        (body.volumes, body.trials, body.queues) = (now.volumes, now.trials, queues)
        (body.recording, body.latencies) = (now.recording, latencies.summary)
        (body.faults, body.faultCounts) = (now.faults.values.reduce(0, +), now.faults)
        return body
    }
}
