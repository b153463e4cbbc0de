import Logging
import Neuroimaging
import Preprocessing
import Settings
import TestSupport
import Testing
import WireFormat

@testable import Live

@Suite("The volume lane")
struct VolumeLaneTests {
    static let scan = Result { try SmallScan() }

    /// A lane and everything that leaves it.
    struct Bench {
        let scan: SmallScan
        let context: LaneContext
        let lane: VolumeLane
        let publication = CollectedPublication()
        let records = CollectedRecords()

        init(_ change: (inout DaemonSettings) -> Void = { _ in }) throws {
            scan = try VolumeLaneTests.scan.get()
            var settings = DaemonSettings()
            settings.ingest.queue = 100
            change(&settings)
            let model = try ProcessingModel(
                configuration: scan.configuration,
                mask: scan.mask,
                reference: scan.volumes[0].volume
            )
            context = LaneContext(
                model: model,
                settings: settings,
                provenance: Provenance(bundle: "b", configuration: "c"),
                publication: publication,
                recorder: records,
                trials: TrialQueue(capacity: 100),
                monitor: LiveMonitor(log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            lane = VolumeLane(context, threads: 1)
        }

        /// Delivers inputs, and processes them to the end of the run.
        func process(_ inputs: [ScannerInput], end: Bool = true) async {
            for input in inputs { lane.deliver(input) }
            if end { lane.deliver(.runEnd(session: "s1", run: "r1", reason: "test")) }
            lane.finish()
            await lane.run()
        }

        var start: ScannerInput { .runStart(scan.description(), Arrival(instant: .now, time: 0)) }

        var events: [ScannerInput] {
            scan.events.map { event in
                .event(
                    IncomingEvent(
                        session: "s1",
                        run: "r1",
                        event: event,
                        onset: .run(event.onset),
                        arrival: Arrival(instant: .now, time: 0)
                    )
                )
            }
        }

        func volumes(_ indices: [Int]) -> [ScannerInput] { indices.map { .volume(scan.incoming($0)) } }

        /// The checksums of the patterns that were published.
        var patterns: [UInt32] {
            publication.messages.filter { $0.topic == .pattern }.map { message in
                (message.payload.first ?? []).withUnsafeBytes { StoredVolume.checksum($0) }
            }
        }
    }

    static func checksums(_ trials: [TrialPattern]) -> [UInt32] {
        trials.map { $0.pattern.withUnsafeBytes { StoredVolume.checksum($0) } }
    }

    @Test("publishes the patterns that offline processing gives, bit for bit")
    func sameAsOffline() async throws {
        let bench = try Bench()
        await bench.process([bench.start] + bench.events + bench.volumes(Array(0..<30)))
        let expected = try bench.scan.expectedTrials()
        #expect(bench.patterns == Self.checksums(expected))
        #expect(expected.count == 12)
        let bodies = bench.publication.bodies(PatternBody.self)
        #expect(bodies.map(\.trial) == expected.map(\.trial))
        #expect(bodies.map(\.lastVolume) == expected.map(\.lastVolume))
        #expect(bodies.allSatisfy { $0.configuration == "c" && $0.bundle == "b" })
        #expect(bench.publication.bodies(MotionBody.self).map(\.index) == Array(0..<30))
        let decoded = bench.context.trials.counters.offered
        #expect(decoded == expected.filter(\.isFinal).count)
    }

    @Test("any order of arrival within the deadline gives the same patterns")
    func reordered() async throws {
        let bench = try Bench { $0.ingest.gapDeadline = 60 }
        var indices = Array(0..<30)
        for start in stride(from: 0, to: 27, by: 3) { indices.swapAt(start, start + 2) }
        await bench.process([bench.start] + bench.events + bench.volumes(indices))
        #expect(bench.patterns == Self.checksums(try bench.scan.expectedTrials()))
        #expect(bench.context.monitor.volumes.missing == 0)
    }

    @Test("duplicates change nothing; missing volumes give what offline processing of the others gives; all is counted")
    func accounting() async throws {
        let bench = try Bench { $0.ingest.gapDeadline = 0 }
        let missing = [4, 11, 12]
        let indices = (0..<30).filter { !missing.contains($0) }
        var sent = indices.flatMap { $0 % 5 == 0 ? [$0, $0] : [$0] }
        sent.append(11)
        await bench.process([bench.start] + bench.events + bench.volumes(sent), end: false)
        let counts = bench.context.monitor.volumes
        #expect((counts.received, counts.processed) == (sent.count, indices.count))
        #expect((counts.duplicate, counts.missing, counts.late) == (6, 3, 1))
        await bench.lane.end(reason: "test")
        #expect(bench.patterns == Self.checksums(try bench.scan.expectedTrials(indices: indices)))
    }

    @Test("what came faster than it is processed is dropped, counted exactly, and not waited for")
    func overload() async throws {
        let bench = try Bench {
            $0.ingest.queue = 4
            $0.ingest.gapDeadline = 3600
        }
        await bench.process([bench.start] + bench.events + bench.volumes(Array(0..<30)))
        let counts = bench.context.monitor.volumes
        #expect((counts.received, counts.processed, counts.dropped, counts.missing) == (30, 4, 26, 0))
        #expect(bench.publication.bodies(MotionBody.self).map(\.index) == [26, 27, 28, 29])
    }

    @Test("a run that nobody announced begins with its first volume; another run ends it")
    func unannounced() async throws {
        let bench = try Bench()
        let second = (0..<3).map { ScannerInput.volume(bench.scan.incoming($0, run: "r2")) }
        let late = ScannerInput.volume(bench.scan.incoming(5))
        await bench.process(bench.volumes([0, 1, 2]) + second + [late], end: false)
        let ends = bench.records.items.compactMap { item in
            if case .runEnd(let key, _, let reason, _, _) = item { "\(key) \(reason)" } else { nil }
        }
        #expect(ends == ["s1/r1 another run began"])
        #expect(bench.context.monitor.run == RunKey(session: "s1", run: "r2"))
        #expect(bench.context.monitor.faults == ["foreign": 1])
    }

    @Test("a source that announces a run of an old name gets a new one, so that nothing is overwritten")
    func sameName() async throws {
        let bench = try Bench()
        let end = ScannerInput.runEnd(session: "s1", run: "r1", reason: "test")
        await bench.process([bench.start] + bench.volumes([0, 1]) + [end, bench.start] + bench.volumes([0, 1]))
        let starts = bench.records.items.compactMap { item in
            if case .runStart(let key, _) = item { key.run } else { nil }
        }
        #expect(starts == ["r1", "r1~2"])
        #expect(bench.context.monitor.volumes.processed == 2)
    }

    @Test("volumes of another geometry are refused with both values; the run goes on")
    func geometry() async throws {
        let bench = try Bench()
        let other = StoredVolume(Volume(zeros: VoxelGrid(shape: [4, 4, 4], affine: .scaling([2, 2, 2]))))
        var wrong = bench.scan.incoming(2)
        wrong.volume = other
        var first = bench.scan.incoming(0)
        first.volume = other
        await bench.process(
            [.volume(first)] + bench.volumes([0, 1]) + [.volume(wrong)] + bench.volumes([3]),
            end: false
        )
        let counts = bench.context.monitor.volumes
        #expect((counts.processed, counts.refused) == (3, 1))
        let details = bench.records.items.compactMap { item in
            if case .fault(let fault, _) = item { fault.detail } else { nil }
        }
        #expect(details.first?.contains("4×4×4 voxels of 2.00×2.00×2.00 mm") == true)
        #expect(details.first?.contains("22×26×16 voxels") == true)
    }

    @Test("volumes of numbers that are not finite are marked, and the run goes on")
    func notFinite() async throws {
        let bench = try Bench()
        var bad = bench.scan.incoming(5)
        bad.volume = StoredVolume(
            Volume(grid: bench.scan.grid, voxels: [Float](repeating: .nan, count: bench.scan.grid.count))
        )
        await bench.process([bench.start] + bench.volumes(Array(0..<5)) + [.volume(bad)] + bench.volumes([6, 7]))
        #expect(bench.context.monitor.volumes.processed == 8)
        let quality = bench.publication.bodies(QualityBody.self)
        #expect(quality.map { $0.flags.contains("notFinite") } == (0..<8).map { $0 == 5 })
    }

    @Test("a state that was saved between two volumes gives the same patterns as if nothing had happened")
    func restored() async throws {
        let bench = try Bench { $0.recording.checkpointInterval = 10 }
        await bench.process([bench.start] + bench.events + bench.volumes(Array(0..<30)))
        let states = bench.records.items.compactMap { item -> (Int, [UInt8])? in
            if case .checkpoint(_, let next, let state) = item { (next, state) } else { nil }
        }
        #expect(states.map(\.0) == [10, 20, 30])
        let fresh = try Bench()
        var run = try await fresh.lane.makeRun(RunKey(session: "s1", run: "r1"), bench.scan.description())
        try run.restore(states[1].1)
        #expect(run.sequencer.next == 20)
        var trials: [TrialPattern] = []
        for index in 20..<30 {
            trials += try run.process(bench.scan.volumes[index], index: index).readouts.map(\.pattern)
        }
        trials += try run.finish().map(\.pattern)
        let patterns = Self.checksums(trials)
        #expect(patterns == bench.patterns.suffix(patterns.count))
        #expect(patterns.count > 2)
    }
}
