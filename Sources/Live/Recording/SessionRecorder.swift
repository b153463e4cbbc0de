import Foundation
import Logging
import Neuroimaging
import Preprocessing
import Sessions
import Settings
import Threading
import WireFormat

/// Keeps what the lanes hand over, on a thread of its own: volumes in recordings, everything else in the session log.
///
/// What waits is written in one go: voxels first, made durable, then the rows that name them, in one transaction. Only
/// then is it published as `recorded`. Where the disk fails or is full, recording stops visibly and is tried again; rows
/// wait for the log, up to a limit. The lanes never notice.
public actor SessionRecorder: RecordSink {
    private let thread = ThreadExecutor(name: "recorder")
    /// The recorder's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private nonisolated let queue: BoundedQueue<RecordItem>
    /// Nil while it cannot be opened, because the disk is full.
    private var log: SessionLog?
    private let store: SessionStore
    private var recordings: VolumeRecordings
    private let publication: any Publication
    private let monitor: LiveMonitor
    private let progress: (@Sendable (Bool) -> Void)?
    private var rows: LogRows
    /// Rows that could not be written yet.
    private var backlog: [RecordItem] = []
    /// What was wrong with files since the last rows were written.
    private var faults: [RecordItem] = []
    private var nextAttempt = ContinuousClock.now
    private var durable: [RunKey: DurableVolumes] = [:]

    /// The most rows that wait for a log that cannot be written.
    private static let mostBacklog = 20_000
    /// How long after a failure the log is tried again.
    private static let retryInterval = Duration.seconds(1)

    /// Makes a recorder for a store.
    ///
    /// - Parameters:
    ///   - store: Where sessions are kept.
    ///   - log: The open log of the store; nil if there is no space for one, so that it is tried again.
    ///   - session: What a session's record says, but for its name and start.
    ///   - settings: What is recorded.
    ///   - publication: Where `recorded` is published.
    ///   - monitor: What is counted.
    ///   - progress: Is told when work begins (true) and ends (false), for the watchdog.
    public init(
        store: SessionStore,
        log: SessionLog?,
        session: SessionRecord,
        settings: RecordingSettings,
        publication: any Publication,
        monitor: LiveMonitor,
        progress: (@Sendable (Bool) -> Void)? = nil
    ) {
        queue = BoundedQueue(name: "recorder", capacity: max(1, settings.queue), policy: .dropNewest) { $0.weight }
        self.store = store
        self.log = log
        self.publication = publication
        self.monitor = monitor
        self.progress = progress
        recordings = VolumeRecordings(store: store, settings: settings)
        rows = LogRows(store: store, session: session)
    }

    /// Hands an item over; what does not fit loses its voxels, which is counted, but not its row.
    public nonisolated func offer(_ item: RecordItem) {
        for case .volume(let run, let record, .some) in queue.offer(item) {
            monitor.report(
                SourceFault(.lost, "recording of volume \(record.index)", "the disk is too slow; it is not recorded"),
                run: run
            )
            queue.offer(.volume(run, record, nil))
        }
    }

    /// What the queue has seen.
    public nonisolated var counters: QueueCounters { queue.counters }

    /// Lets ``run()`` end when everything that was handed over is written.
    public nonisolated func finish() { queue.finish() }

    /// Goes on with a run that an earlier start left: new rows continue its numbers.
    public func adopt(_ key: RunKey, _ run: RunRecord, _ volumes: [VolumeRecord]) {
        rows.adopt(key, run, arrivals: volumes.map { $0.arrival + 1 }.max() ?? 0)
        guard run.state == .running else { return }
        var kept = DurableVolumes()
        for volume in volumes { kept.add(volume) }
        durable[key] = kept
    }

    /// Writes what comes until ``finish()``.
    public func run() async {
        monitor.set(recording: recordings.status)
        while let first = await queue.next() {
            progress?(true)
            write([first] + queue.drain())
            progress?(false)
        }
        recordings.runs.forEach(close)
        if !(backlog + faults).isEmpty {
            nextAttempt = .now
            write([])
        }
        do { try log?.close() } catch { report("session log", error) }
        if !backlog.isEmpty {
            monitor.report(
                SourceFault(.lost, "session log", "\(backlog.count) rows could not be written before the end")
            )
        }
    }

    // MARK: - Writing

    private func write(_ batch: [RecordItem]) {
        let kept = keepVoxels(batch)
        backlog += kept + faults
        faults = []
        if backlog.count > Self.mostBacklog {
            let lost = backlog.count - Self.mostBacklog
            backlog.removeFirst(lost)
            monitor.report(SourceFault(.lost, "session log", "\(lost) rows were dropped because it cannot be written"))
        }
        guard ContinuousClock.now >= nextAttempt else { return }
        do {
            if log == nil { log = try store.openLog() }
            guard let log else { return }
            let (changed, written, refused) = try log.write { [rows, backlog] transaction in
                var (rows, written, refused) = (rows, [RecordItem](), [SessionError]())
                for item in backlog {
                    do throws(SessionError) {
                        try rows.write(item, transaction)
                        written.append(item)
                    } catch {
                        // A row that contradicts others must not hold up those that do not.
                        guard error.code == .inconsistent else { throw error }
                        refused.append(error)
                    }
                }
                return (rows, written, refused)
            }
            rows = changed
            backlog = []
            acknowledge(written)
            for error in refused { report("row of the session log", error) }
        } catch {
            nextAttempt = .now + Self.retryInterval
            report("session log", error)
            monitor.set(recording: recordings.status(logFailure: error.description))
        }
    }

    /// Records voxels and makes them durable; returns the items with the place of each.
    private func keepVoxels(_ batch: [RecordItem]) -> [RecordItem] {
        let items = batch.compactMap(keepFiles)
        do throws(SessionError) { try recordings.flush() } catch { keep(report("recording", error), nil) }
        monitor.set(recording: recordings.status)
        // What may not be on disk, because its recording failed later in the batch, is not claimed to be.
        return recordings.withoutUnsafePlaces(items)
    }

    /// Writes what an item holds besides its row; nil if nothing is left of it.
    private func keepFiles(_ item: RecordItem) -> RecordItem? {
        switch item {
        case .runStart(let run, let record):
            recordings.repetitionTimes[run] = record.repetitionTime
            return item
        case .volume(let run, var record, let voxels):
            record.arrival = rows.nextArrival(run)
            guard let voxels else { return .volume(run, record, nil) }
            record.checksum = voxels.checksum
            do throws(SessionError) {
                if let kept = try recordings.append(voxels, record, run) {
                    (record.recording, record.place) = (kept.file, kept.place)
                }
            } catch {
                keep(report("recording of \(run)", error), run)
            }
            return .volume(run, record, nil)
        case .checkpoint(let run, let next, let state):
            do throws(SessionError) {
                let url = try store.newCheckpoint(session: run.session, run: run.run, volume: next)
                let digest = try CheckpointFile.write(state, to: url)
                let name = url.lastPathComponent
                return .checkpointFile(run, CheckpointRecord(runID: 0, nextVolume: next, file: name, sha256: digest))
            } catch {
                keep(report("state of \(run)", error), run)
                return nil
            }
        default: return item
        }
    }

    private func acknowledge(_ items: [RecordItem]) {
        var changed: Set<RunKey> = []
        for case .volume(let run, let record, _) in items {
            monitor.count { if record.place != nil { $0.recorded += 1 } }
            durable[run, default: DurableVolumes()].add(record)
            if record.place != nil { changed.insert(run) }
        }
        for run in changed {
            guard let body = durable[run]?.body else { continue }
            publication.publish(body, topic: .recorded, session: run.session, run: run.run, payload: [])
        }
        for case .runEnd(let run, _, _, _, _) in items {
            close(run)
            durable[run] = nil
        }
    }

    private func close(_ run: RunKey) {
        do throws(SessionError) { try recordings.close(run) } catch { keep(report("recording of \(run)", error), run) }
    }

    /// Has a fault of the files stored with the next rows.
    private func keep(_ fault: FaultRecord, _ run: RunKey?) { faults.append(.fault(fault, run)) }

    @discardableResult
    private func report(_ subject: String, _ error: SessionError) -> FaultRecord {
        monitor.set(recording: recordings.status)
        return monitor.report(SourceFault(.unavailable, subject, error.description))
    }
}
