import Foundation
import Live
import Logging
import Neuroimaging
import Preprocessing
import Settings
import Streaming
import Synchronization
import Tensors
import WireFormat

/// The whole daemon against the clock: volumes over ZeroMQ, processed, decoded, recorded and published.
public struct LiveBenchmark: Sendable {
    /// What is imitated.
    public struct Options: Sendable {
        /// The acquisition.
        public var acquisition = PreprocessingBenchmark.Acquisition(104, 104, 72, 2)
        /// The time from volume to volume that the run claims, in s.
        public var repetitionTime = 1.5
        /// How much faster than that volumes are sent; 0 for as fast as they can be.
        public var speed = 1.0
        /// The number of volumes.
        public var volumes = 300
        /// The voxels of the region.
        public var region = 4600
        /// Seconds from trial to trial, in the time of the run.
        public var trialInterval = 4.0
        /// The decoder: a folder where one of the published sizes is made if it is not there; nil for none.
        public var bundle: String?
        /// The folder for the session; nil for a temporary one.
        public var state: String?
        /// Whether volumes are recorded.
        public var records = true
        /// The threads of each lane; nil for one per processor.
        public var threads: Int?
        /// The most volumes that wait.
        public var queue = 64

        /// The defaults.
        public init() {}
    }

    /// What was measured.
    public struct Result: Sendable, Codable {
        /// Latencies by stage in ms; `volume` and `pattern` are from the last byte to the published result.
        public var latencies: [String: StatusBody.Latency]
        /// What became of the volumes.
        public var volumes: StatusBody.Volumes
        /// What became of the trials.
        public var trials: StatusBody.Trials
        /// Faults by kind.
        public var faults: [String: Int]
        /// The volumes that were sent.
        public var sent: Int
        /// Seconds from the first volume to the end.
        public var seconds: Double
        /// Resident memory in bytes after each tenth of the volumes.
        public var memory: [Int]
    }

    /// Different volumes of the head; they are sent again and again.
    private static let distinct = 40

    /// Sends a run to a daemon in this process and waits for its end.
    public static func run(_ options: Options, progress: @Sendable (Int) -> Void = { _ in }) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("percept-live-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let volumes = try prepare(options, folder)
        let publisher = try await StreamPublisher(PublisherSettings(publish: "tcp://127.0.0.1:*"), name: "scanner")
        var input = PerceptInputSettings()
        (input.subscribe, input.resend) = (publisher.address, publisher.resendAddress)
        let settings = settings(options, folder, input)
        let output = try await StreamPublisher(PublisherSettings(publish: "tcp://127.0.0.1:*"), name: "perceptd")
        let log = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        let daemon = try LiveDaemon(
            settings: settings,
            configuration: "benchmark",
            software: "benchmark",
            source: PerceptSource(input),
            publication: StreamPublication(output, log: log),
            log: log
        )
        async let running: Void = daemon.run()
        let (isReady, clock) = (await publisher.waitForSubscriber(timeout: .seconds(30)), ContinuousClock())
        guard isReady else { throw LiveError(.unavailable, "benchmark", "the daemon did not subscribe") }
        // The decoder's weights are read before the run begins, as before a scan.
        if options.bundle != nil { try await wait(for: daemon) }
        let start = clock.now
        let memory = try await send(volumes, options, publisher, daemon, progress)
        try publisher.publish(RunBody(phase: .end, reason: "finished"), topic: .run, session: "benchmark", run: "1")
        let result = try await finish(daemon, options, start: start, memory: memory)
        daemon.stop()
        try await running
        await publisher.close()
        await output.close()
        return result
    }

    // MARK: - Parts

    private static func prepare(_ options: Options, _ folder: URL) throws -> [StoredVolume] {
        let shape = SIMD3<Int>(options.acquisition.shape[0], options.acquisition.shape[1], options.acquisition.shape[2])
        let kernels = VolumeKernels(pool: ThreadPool(threads: ProcessInfo.processInfo.activeProcessorCount))
        var head = SyntheticHead(shape: shape, voxelSize: options.acquisition.voxelSize, kernels: kernels)
        let mask = try head.region(options.region)
        var configuration = ProcessingConfiguration(
            repetitionTime: options.repetitionTime,
            plannedVolumes: min(options.volumes, 300)
        )
        configuration.confounds.motion = .twentyFour
        configuration.spikes = SpikeRepair.Configuration()
        var volumes: [StoredVolume] = []
        for _ in 0..<min(distinct, options.volumes) {
            head.advance()
            let bytes = head.voxels.withUnsafeBytes { Array($0) }
            volumes.append(try StoredVolume(grid: head.grid, dataType: .int16, bytes: bytes))
        }
        try RandomBundle.writePreprocessing(
            to: folder.appendingPathComponent("preprocessing"),
            configuration,
            mask: mask,
            reference: volumes[0].volume
        )
        if let bundle = options.bundle { try RandomBundle.write(to: URL(fileURLWithPath: bundle)) }
        return volumes
    }

    private static func settings(_ options: Options, _ folder: URL, _ input: PerceptInputSettings) -> DaemonSettings {
        var settings = DaemonSettings()
        settings.bundle = options.bundle
        settings.preprocessing = folder.appendingPathComponent("preprocessing").path
        settings.state = options.state ?? folder.appendingPathComponent("state").path
        settings.input = .percept(input)
        settings.ingest.queue = options.queue
        settings.decoding.enabled = options.bundle != nil
        settings.decoding.sampler = "unipc"
        // More than there is ever time for, so that the decoder is always busy.
        settings.decoding.steps = 200
        settings.recording.volumes = options.records
        settings.recording.freeSpace = 0
        (settings.threads.volumes, settings.threads.decoding) = (options.threads, options.threads)
        return settings
    }

    private static func wait(for daemon: LiveDaemon) async throws {
        let end = ContinuousClock.now + .seconds(600)
        while !daemon.isDecoderReady, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Sends the run on an absolute schedule; returns the memory after each tenth of it.
    private static func send(
        _ volumes: [StoredVolume],
        _ options: Options,
        _ publisher: StreamPublisher,
        _ daemon: LiveDaemon,
        _ progress: @Sendable (Int) -> Void
    ) async throws -> [Int] {
        // One run after another of the usual length: a longer one would have more regressors than any.
        let length = 300
        var memory: [Int] = []
        var nextTrial = 2.0
        let clock = ContinuousClock()
        let start = clock.now
        for number in 0..<options.volumes {
            let (run, index) = ("\(number / length + 1)", number % length)
            if index == 0 {
                nextTrial = 2
                let planned = min(length, options.volumes - number)
                try publisher.publish(
                    RunBody(phase: .start, repetitionTime: options.repetitionTime, plannedVolumes: planned),
                    topic: .run,
                    session: "benchmark",
                    run: run
                )
            }
            while nextTrial <= Double(index + 1) * options.repetitionTime {
                let event = EventBody(onset: nextTrial, duration: 1, trialType: "picture")
                try publisher.publish(event, topic: .event, session: "benchmark", run: run)
                nextTrial += options.trialInterval
            }
            if options.speed > 0 {
                try await clock.sleep(
                    until: start + .seconds(Double(number + 1) * options.repetitionTime / options.speed),
                    tolerance: .zero
                )
            }
            let incoming = IncomingVolume(
                session: "benchmark",
                run: run,
                index: index,
                volume: volumes[number % volumes.count],
                repetitionTime: options.repetitionTime,
                arrival: Arrival(instant: clock.now, time: 0)
            )
            let payload = [incoming.volume.bytes]
            try publisher.publish(
                try VolumeBody(incoming),
                topic: .volume,
                session: "benchmark",
                run: run,
                payload: payload
            )
            progress(number + 1)
            if (number + 1) % max(1, options.volumes / 10) == 0 { memory.append(ProcessMemory.residentBytes ?? 0) }
        }
        return memory
    }

    private static func finish(
        _ daemon: LiveDaemon,
        _ options: Options,
        start: ContinuousClock.Instant,
        memory: [Int]
    ) async throws -> Result {
        let end = ContinuousClock.now + .seconds(60)
        while daemon.monitor.run != nil, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return Result(
            latencies: daemon.monitor.latencies.summary,
            volumes: daemon.monitor.volumes,
            trials: daemon.monitor.trials,
            faults: daemon.monitor.faults,
            sent: options.volumes,
            seconds: seconds,
            memory: memory
        )
    }
}
