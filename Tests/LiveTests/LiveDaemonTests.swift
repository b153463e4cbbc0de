import Decoder
import Foundation
import Images
import Logging
import Neuroimaging
import Sessions
import Settings
import Synchronization
import TestSupport
import Testing
import WireFormat

@testable import Live

/// A source that gives what a test hands it.
final class ScriptedSource: VolumeSource {
    let name = "script"
    private let inputs = AsyncStream<ScannerInput>.makeStream()
    private let start = Mutex<StreamPosition?>(nil)

    /// Where the daemon said that the stream was left.
    var position: StreamPosition? { start.withLock { $0 } }

    func send(_ input: ScannerInput) { inputs.continuation.yield(input) }

    func run(
        resumingAt position: StreamPosition?,
        deliver: @escaping @Sendable (ScannerInput) -> Void
    ) async throws {
        start.withLock { $0 = position }
        for await input in inputs.stream { deliver(input) }
    }
}

@Suite("The daemon's pipeline")
struct LiveDaemonTests {
    let folder: TemporaryFolder
    let scan: SmallScan
    let settings: DaemonSettings

    init() throws {
        folder = try TemporaryFolder()
        scan = try VolumeLaneTests.scan.get()
        var settings = DaemonSettings()
        settings.bundle = folder.path("small.percept")
        settings.state = folder.path("state")
        settings.ingest.queue = 100
        settings.output.statusInterval = 0.05
        settings.recording.checkpointInterval = 5
        settings.recording.freeSpace = 0
        settings.decoding.steps = 3
        settings.decoding.fewestSteps = 2
        settings.decoding.deadline = 3600
        settings.decoding.queue = 100
        settings.threads.volumes = 1
        settings.threads.decoding = 1
        self.settings = settings
        try SmallDecoder.write(to: URL(fileURLWithPath: folder.path("small.percept")), scan)
    }

    /// A daemon and what it publishes.
    struct Running {
        let daemon: LiveDaemon
        let source = ScriptedSource()
        let publication = CollectedPublication()

        init(_ settings: DaemonSettings) throws {
            daemon = try LiveDaemon(
                settings: settings,
                configuration: "test",
                software: "test",
                source: source,
                publication: publication,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        }

        var images: [ReconstructionBody] { publication.bodies() }
    }

    func volume(_ index: Int) -> ScannerInput {
        var volume = scan.incoming(index)
        volume.position = StreamPosition(publisher: "p", sequence: UInt64(index) + 1)
        return .volume(volume)
    }

    func send(_ indices: Range<Int>, to source: ScriptedSource) {
        if indices.lowerBound == 0 {
            source.send(.runStart(scan.description(), Arrival(instant: .now, time: 0)))
            for event in scan.events {
                source.send(
                    .event(
                        IncomingEvent(
                            session: "s1",
                            run: "r1",
                            event: event,
                            onset: .run(event.onset),
                            arrival: Arrival(instant: .now, time: 0)
                        )
                    )
                )
            }
        }
        for index in indices { source.send(volume(index)) }
    }

    var store: SessionStore { SessionStore(folder: URL(fileURLWithPath: settings.state)) }

    func verify(threads: Int = 2) throws -> SessionVerifier.Report {
        let bundle = URL(fileURLWithPath: folder.path("small.percept"))
        return try SessionVerifier(
            store: store,
            model: try ProcessingModel(PreprocessingFolder(bundle)),
            bundle: try DecoderBundle(opening: bundle),
            threads: threads
        ).verify("s1")
    }

    @Test("decodes every trial while the run goes on, keeps everything, and a replay gives the same bytes")
    func wholeRun() async throws {
        let running = try Running(settings)
        let trials = scan.events.count
        async let done: Void = running.daemon.run()
        send(0..<30, to: running.source)
        #expect(await eventually { running.images.count >= trials - 1 })
        running.source.send(.runEnd(session: "s1", run: "r1", reason: "finished"))
        #expect(await eventually { running.images.count == trials })
        running.daemon.stop()
        try await done

        let images = running.images
        #expect(Set(images.map(\.trial)) == Set(0..<trials))
        #expect(images.allSatisfy { $0.steps == $0.plannedSteps && !$0.isCutShort && !$0.isLate })
        #expect(images.allSatisfy { $0.configuration.count == 64 && $0.bundle.count == 64 })
        let pngs = running.publication.messages.filter { $0.topic == .reconstruction }.compactMap(\.payload.first)
        #expect(try pngs.allSatisfy { try PNG.decode(Data($0), name: "image").width == 16 })

        let log = try store.readLog()
        let session = try #require(try log.session(named: "s1"))
        let run = try #require(try log.runs(ofSession: session.id ?? 0).first)
        #expect((run.state, run.endReason) == (.ended, "finished"))
        let volumes = try log.volumes(ofRun: run.id ?? 0)
        #expect(volumes.map(\.index) == Array(0..<30))
        #expect(volumes.allSatisfy { $0.status == .processed && $0.place != nil })
        #expect(try log.reconstructions(ofRun: run.id ?? 0).count == trials)
        #expect(try log.integrityProblems().isEmpty)
        let recorded = running.publication.bodies(RecordedBody.self)
        #expect(recorded.last.map { ($0.index, $0.arrivals) } ?? (0, 0) == (29, 30))

        let report = try verify()
        #expect(report.differences == [])
        #expect((report.runs, report.volumes, report.images) == (1, 30, trials))
        #expect(report.patterns == (try scan.expectedTrials().count))
    }

    @Test("goes on after it was interrupted at any volume, with the same results as if it had not been")
    func interrupted() async throws {
        for stopped in [3, 10, 17] {
            var settings = settings
            settings.state = folder.path("state-\(stopped)")
            let first = try Running(settings)
            async let done: Void = first.daemon.run()
            send(0..<stopped, to: first.source)
            let isKept = await eventually {
                first.publication.bodies(RecordedBody.self).last?.arrivals == stopped
            }
            #expect(isKept)
            // What a kill leaves behind: the store as it is now, with the run open.
            let left = folder.path("left-\(stopped)")
            try FileManager.default.copyItem(atPath: settings.state, toPath: left)
            first.daemon.stop()
            try await done

            settings.state = left
            let second = try Running(settings)
            async let finished: Void = second.daemon.run()
            #expect(await eventually { second.source.position != nil })
            #expect(second.source.position == StreamPosition(publisher: "p", sequence: UInt64(stopped)))
            // The publisher sends the last ones again.
            send(max(1, stopped - 2)..<30, to: second.source)
            second.source.send(.runEnd(session: "s1", run: "r1", reason: "finished"))
            let expected = try scan.expectedTrials(folder: URL(fileURLWithPath: folder.path("small.percept")))
            #expect(await eventually { second.daemon.monitor.run == nil && second.daemon.monitor.trials.patterns > 0 })
            second.daemon.stop()
            try await finished

            let log = try SessionStore(folder: URL(fileURLWithPath: left)).readLog()
            let session = try #require(try log.session(named: "s1"))
            let run = try #require(try log.runs(ofSession: session.id ?? 0).first)
            #expect(try log.runs(ofSession: session.id ?? 0).count == 1)
            let kept = try log.trials(ofRun: run.id ?? 0).sorted { ($0.trial, $0.readout) < ($1.trial, $1.readout) }
            let sorted = expected.sorted { ($0.trial, $0.delay) < ($1.trial, $1.delay) }
            #expect(
                kept.map { $0.pattern.withUnsafeBytes { StoredVolume.checksum($0) } }
                    == VolumeLaneTests.checksums(sorted)
            )
            let processed = try log.volumes(ofRun: run.id ?? 0).filter { $0.status == .processed }.map(\.index)
            #expect(processed == Array(0..<30))
        }
    }

    @Test("a run of other settings is closed as interrupted, not continued")
    func otherSettings() async throws {
        let first = try Running(settings)
        async let done: Void = first.daemon.run()
        send(0..<4, to: first.source)
        #expect(await eventually { first.publication.bodies(RecordedBody.self).last?.arrivals == 4 })
        var changed = settings
        changed.state = folder.path("left")
        try FileManager.default.copyItem(atPath: settings.state, toPath: changed.state)
        first.daemon.stop()
        try await done
        changed.preprocessing = folder.path("other")
        var other = scan
        other.smoothing = 3
        try SmallDecoder.writePreprocessing(to: URL(fileURLWithPath: folder.path("other")), other)
        let daemon = try LiveDaemon(
            settings: changed,
            configuration: "test",
            software: "test",
            source: ScriptedSource(),
            publication: CollectedPublication(),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        async let finished: Void = daemon.run()
        #expect(await eventually { daemon.status.state == "waiting" })
        daemon.stop()
        try await finished
        let log = try SessionStore(folder: URL(fileURLWithPath: changed.state)).readLog()
        let session = try #require(try log.session(named: "s1"))
        let run = try #require(try log.runs(ofSession: session.id ?? 0).first)
        #expect((run.state, run.endReason) == (.interrupted, "mask, reference or settings changed"))
    }

    @Test("several samples of a trial come with their agreement")
    func samples() async throws {
        var settings = settings
        settings.decoding.samples = 3
        settings.decoding.seed = 5
        let running = try Running(settings)
        async let done: Void = running.daemon.run()
        send(0..<30, to: running.source)
        running.source.send(.runEnd(session: "s1", run: "r1", reason: "finished"))
        // All of the run's images: a stop cuts the trial short that is being decoded.
        #expect(await eventually { running.images.count == 3 * scan.events.count })
        running.daemon.stop()
        try await done
        for trial in Set(running.images.map(\.trial)) {
            let images = running.images.filter { $0.trial == trial }
            #expect(images.map(\.sample) == [0, 1, 2])
            #expect(images.map { $0.agreement == nil } == [true, false, false])
            #expect(images.allSatisfy { abs($0.agreement ?? 0) <= 1 && $0.seed == 5 })
        }
        // However many images it has, a trial is decoded once.
        #expect(running.daemon.monitor.trials.decoded == Set(running.images.map(\.trial)).count)
        #expect(try verify(threads: 1).differences == [])
    }

    @Test("stops at once and closes the run when it is told to in the middle of one")
    func stop() async throws {
        let running = try Running(settings)
        async let done: Void = running.daemon.run()
        send(0..<8, to: running.source)
        #expect(await eventually { running.daemon.monitor.volumes.processed == 8 })
        running.daemon.stop()
        try await done
        let log = try store.readLog()
        let session = try #require(try log.session(named: "s1"))
        let run = try #require(try log.runs(ofSession: session.id ?? 0).first)
        #expect((run.state, run.endReason) == (.interrupted, "stopped"))
        #expect(try log.volumes(ofRun: run.id ?? 0).count == 8)
    }
}
