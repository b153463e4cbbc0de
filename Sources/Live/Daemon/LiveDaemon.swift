import Decoder
import Digests
import Foundation
import Logging
import Neuroimaging
import Sessions
import Settings
import Streaming
import Synchronization
import Threading
import WireFormat

/// The whole pipeline: from a source of volumes to published reconstructions, kept in a session.
///
/// Volumes go through a lane of their own; decoding, recording and subscribers never hold them up.
public final class LiveDaemon: Sendable {
    /// The settings, some of which change while it runs.
    private let settings: Mutex<DaemonSettings>
    private let source: any VolumeSource
    private let publication: any Publication
    private let store: SessionStore
    /// Nil if the disk was full at the start: then nothing is taken up, and recording waits for space.
    private let sessionLog: SessionLog?
    private let provenance: Provenance
    private let context: LaneContext
    private let lane: VolumeLane
    private let decoding: DecodeLane?
    private let recorder: SessionRecorder
    private let stops: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)
    private let decoderIsReady = Atomic(false)
    private let log: Logger

    /// How long a source may run before it is taken to have started well.
    private static let startTime = Duration.milliseconds(200)

    /// Opens everything that a scan needs.
    ///
    /// - Parameters:
    ///   - settings: What the daemon is told to do.
    ///   - configuration: The text of the settings, for the session's record.
    ///   - software: The program and its version.
    ///   - source: Where volumes come from.
    ///   - publication: Where results go.
    ///   - progress: Makes, for a lane of a name, what is told when its work begins (true) and ends (false).
    ///   - log: The log.
    /// - Throws: `LiveError`, and what the bundle, the files of preprocessing and the store throw.
    public init(
        settings: DaemonSettings,
        configuration: String,
        software: String,
        source: any VolumeSource,
        publication: any Publication,
        progress: (String) -> (@Sendable (Bool) -> Void)? = { _ in nil },
        log: Logger
    ) throws {
        self.settings = Mutex(settings)
        (self.source, self.publication, self.log) = (source, publication, log)
        // First, so that a bundle that is not there is not taken for one without a mask.
        let bundle = settings.decoding.enabled ? try Self.bundle(settings) : nil
        guard let folder = settings.preprocessing ?? settings.bundle else {
            throw LiveError(.configuration, "preprocessing", "is missing; name what `percept preprocess` wrote")
        }
        let model = try ProcessingModel(PreprocessingFolder(URL(fileURLWithPath: folder)))
        if let bundle, let mismatch = try bundle.mismatch(voxels: model.mask.count) {
            throw LiveError(.bundle, bundle.folder.path, mismatch)
        }
        store = SessionStore(folder: URL(fileURLWithPath: settings.state))
        let monitor = LiveMonitor(log: log)
        sessionLog = try Self.openLog(store, monitor)
        provenance = Provenance(
            bundle: bundle?.manifest.weightsHash,
            configuration: Self.digest(configuration, model)
        )
        var session = SessionRecord(
            name: "",
            subject: settings.session.subject,
            startedAt: 0,
            software: software,
            configurationHash: provenance.configuration,
            configuration: configuration
        )
        (session.bundlePath, session.bundleHash) = (settings.bundle ?? "", provenance.bundle)
        recorder = SessionRecorder(
            store: store,
            log: sessionLog,
            session: session,
            settings: settings.recording,
            publication: publication,
            monitor: monitor,
            progress: progress("recorder")
        )
        context = LaneContext(
            model: model,
            settings: settings,
            provenance: provenance,
            publication: publication,
            recorder: recorder,
            trials: TrialQueue(capacity: settings.decoding.queue),
            monitor: monitor,
            log: log
        )
        let processors = ProcessInfo.processInfo.activeProcessorCount
        lane = VolumeLane(context, threads: settings.threads.volumes ?? processors, progress: progress("volumes"))
        if let bundle {
            let threads = settings.threads.decoding ?? processors
            decoding = DecodeLane(context, bundle: bundle, threads: threads, progress: progress("decoding"))
        } else {
            decoding = nil
        }
        stops = AsyncStream.makeStream()
    }

    private static func openLog(_ store: SessionStore, _ monitor: LiveMonitor) throws(SessionError) -> SessionLog? {
        do throws(SessionError) {
            return try store.openLog()
        } catch {
            guard error.code == .diskFull else { throw error }
            monitor.report(SourceFault(.unavailable, "session log", "\(error); decoding goes on without"))
            return nil
        }
    }

    private static func bundle(_ settings: DaemonSettings) throws -> DecoderBundle {
        guard let path = settings.bundle else {
            throw LiveError(.configuration, "bundle", "is missing; add it, or set decoding.enabled: false")
        }
        return try DecoderBundle(opening: URL(fileURLWithPath: path))
    }

    /// Whether the decoder has been read, so that the first trial will not wait for it.
    public var isDecoderReady: Bool { decoderIsReady.load(ordering: .acquiring) }

    /// What is counted.
    public var monitor: LiveMonitor { context.monitor }

    /// Runs until ``stop()`` is called, the task is cancelled, or the source cannot start.
    ///
    /// - Parameter onReady: Is called once an interrupted run has been taken up and volumes are taken in.
    public func run(onReady: @escaping @Sendable () async -> Void = {}) async throws {
        let position = try await recover()
        if monitor.run == nil { monitor.set(state: "waiting") }
        async let recording: Void = recorder.run()
        let failure = await withTaskGroup(of: Void.self) { decoders -> (any Error)? in
            decoders.addTask { await self.decode() }
            async let volumes: Void = lane.run()
            let (failure, reason) = await receive(from: position, onReady)
            monitor.set(state: "stopping")
            lane.finish()
            await volumes
            await lane.leave(reason)
            decoders.cancelAll()
            return failure
        }
        recorder.finish()
        await recording
        if let failure { throw failure }
    }

    /// Takes up a run that was interrupted; says where its stream was left.
    private func recover() async throws -> StreamPosition? {
        guard let sessionLog else { return nil }
        let recovery = RunRecovery(store: store, log: sessionLog, model: context.model)
        return try await recovery.recover(lane, recorder)
    }

    /// Ends ``run(onReady:)``: the run that goes on is closed as interrupted, and everything is written.
    public func stop() { stops.continuation.yield() }

    /// Takes over settings that may change while the daemon runs; `configuration` is their text.
    public func reload(_ changed: DaemonSettings, configuration: String) {
        settings.withLock { $0 = changed }
        var provenance = context.provenance
        provenance.configuration = Self.digest(configuration, context.model)
        decoding?.reload(changed.decoding, provenance)
    }

    private static func digest(_ configuration: String, _ model: ProcessingModel) -> String {
        SHA256.hexDigest(of: "\(configuration)\n\(model.digest)".utf8)
    }

    /// The content of a `status` message.
    public var status: StatusBody {
        let queue = { (counters: QueueCounters) in
            StatusBody.Queue(
                offered: counters.offered,
                dropped: counters.dropped,
                waiting: counters.waiting,
                highWater: counters.highWater
            )
        }
        return monitor.status(
            source: source.name,
            bundle: provenance.bundle,
            queues: [
                "ingest": queue(lane.counters), "trials": queue(context.trials.counters),
                "recorder": queue(recorder.counters),
            ]
        )
    }

    // MARK: - Tasks

    private func decode() async {
        guard let decoding else { return }
        do {
            try await decoding.prepare()
            decoderIsReady.store(true, ordering: .releasing)
        } catch {
            let fault = SourceFault(.unavailable, "decoder", "cannot be used, patterns come without images: \(error)")
            recorder.offer(.fault(monitor.report(fault), nil))
            return
        }
        await decoding.run()
    }

    private enum Ending: Sendable {
        case stopped(StopReason)
        case failed(any Error)
        case sourceEnded
    }

    /// Takes in what comes until the daemon is to stop; says why.
    private func receive(
        from position: StreamPosition?,
        _ onReady: @escaping @Sendable () async -> Void
    ) async -> (failure: (any Error)?, reason: StopReason) {
        await withTaskGroup(of: Ending.self) { group in
            let (source, lane, stops) = (source, lane, stops)
            let isPatient = source.isPatient
            group.addTask {
                do {
                    try await source.run(resumingAt: position) { input in
                        if isPatient { lane.deliverWhenThereIsRoom(input) } else { lane.deliver(input) }
                    }
                    return .sourceEnded
                } catch is CancellationError {
                    return .sourceEnded
                } catch {
                    return .failed(error)
                }
            }
            group.addTask {
                for await _ in stops.stream { return .stopped(.stopped) }
                return .stopped(.cancelled)
            }
            group.addTask {
                await self.publishStatus(onReady)
                return .sourceEnded
            }
            defer { group.cancelAll() }
            for await ending in group {
                switch ending {
                case .stopped(let reason): return (nil, reason)
                case .failed(let error): return (error, .sourceFailed)
                case .sourceEnded: continue
                }
            }
            return (nil, .cancelled)
        }
    }

    private func publishStatus(_ onReady: @escaping @Sendable () async -> Void) async {
        do {
            try await Task.sleep(for: Self.startTime)
            await onReady()
            while true {
                let run = monitor.run
                publication.publish(
                    status,
                    topic: .status,
                    session: run?.session ?? "none",
                    run: run?.run ?? "none",
                    payload: []
                )
                try await Task.sleep(for: .seconds(settings.withLock { $0.output.statusInterval }))
            }
        } catch {
            // Cancelled: the daemon stops.
        }
    }
}
