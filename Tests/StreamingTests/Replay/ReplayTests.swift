import Foundation
import Neuroimaging
import Settings
import SharedMaterial
import Synchronization
import Testing

@testable import Streaming

/// A run of small volumes whose voxels tell their numbers.
struct InventedRun: ReplayableRun {
    static let grid = VoxelGrid(shape: [6, 5, 4], affine: Affine(rows: [-2, 0, 0, 8], [0, 3, 0, -4], [0, 0, 4, -1]))

    var path: String { "invented" }
    var name: String { "run-1" }
    var subject: String? { "01" }
    var task: String? { "faces" }
    var repetitionTime: Double? = 0.02
    var numbers: [Int]
    var events: [StimulusEvent] = []

    static func stored(_ number: Int) throws -> StoredVolume {
        let values = (0..<grid.count).map { Int16(($0 * 31 + number * 7) % 1000).littleEndian }
        return try StoredVolume(grid: grid, dataType: .int16, bytes: values.withUnsafeBytes { Array($0) })
    }

    func volume(_ place: Int) throws -> StoredVolume { try Self.stored(numbers[place]) }

    func files(_ place: Int) -> [String] { [] }
}

/// A sender that keeps what it is told.
final class KeptSender: ReplaySender {
    let log = Mutex<[String]>([])
    let moments = Mutex<[ContinuousClock.Instant]>([])

    var possibleFaults: Set<ReplayFault.Kind> { [.drop, .duplicate, .reorder] }
    var sendsEvents: Bool { true }

    func begin(_ run: RunDescription, like volume: StoredVolume) async throws {
        log.withLock { $0.append("begin \(run.session)/\(run.run) \(run.plannedVolumes ?? 0)") }
    }

    func send(_ volume: ReplayedVolume, _ delivery: ReplayDelivery) async throws {
        #expect(volume.volume == (try InventedRun.stored(volume.number)))
        log.withLock { $0.append("\(delivery) \(volume.number)") }
        moments.withLock { $0.append(.now) }
    }

    func send(_ event: StimulusEvent) async throws { log.withLock { $0.append("event \(event.onset)") } }
    func disconnect(seconds: Double) async throws {}
    func end(reason: String) async throws { log.withLock { $0.append("end") } }
    func close() async {}
}

@Suite("A replay")
struct ReplayTests {
    @Test("does what is planned, in order, and says what it did")
    func order() async throws {
        let run = InventedRun(numbers: [0, 1, 2], events: [StimulusEvent(onset: 0.03, duration: 1)])
        let sender = KeptSender()
        var options = Replay.Options()
        options.session = "s"
        let summary = try await Replay(options, over: sender) { run }.run()
        #expect(
            sender.log.withLock { $0 } == ["begin s/run-1 3", "sent 0", "event 0.03", "sent 1", "sent 2", "end"]
        )
        #expect(summary.volumes == 3 && summary.sent == 3 && summary.events == 1 && summary.counts.isEmpty)
        // Nothing comes before its moment.
        #expect(summary.seconds >= 0.06)
    }

    @Test("counts exactly what it did wrong")
    func faults() async throws {
        let sender = KeptSender()
        var options = Replay.Options()
        options.speed = .infinity
        options.faults = [.drop(0.2), .duplicate(0.2), .reorder(0.2)]
        options.seed = 11
        let run = InventedRun(numbers: Array(0..<100))
        let injected = Mutex(0)
        let summary = try await Replay(options, over: sender) { run }.run { notice in
            if case .injected = notice { injected.withLock { $0 += 1 } }
        }
        let log = sender.log.withLock { $0 }
        #expect(log.count { $0.hasPrefix("dropped") } == summary.counts["drop"])
        #expect(log.count { $0.hasPrefix("again") } == summary.counts["duplicate"])
        #expect(log.count { $0.hasPrefix("late") } == summary.counts["reorder"])
        #expect(summary.sent == 100 - (summary.counts["drop"] ?? 0) + (summary.counts["duplicate"] ?? 0))
        #expect(injected.withLock { $0 } == summary.injections.count)
    }

    @Test("of a part, several times over, numbers volumes and events as if the run were that")
    func parts() throws {
        let events = [0.01, 0.05, 0.09].map { StimulusEvent(onset: $0, duration: 0) }
        let run = InventedRun(numbers: [0, 1, 2, 4, 5], events: events)
        let part = ReplayedPart(of: run, range: 2...4, passes: 2)
        #expect(part.numbers == [0, 2, 3, 5])
        #expect(part.events.map { ($0.onset * 1000).rounded() } == [10, 50, 70, 110])
        #expect(try part.volume(3) == InventedRun.stored(4))
        let whole = ReplayedPart(of: run)
        #expect(whole.numbers == run.numbers && whole.events == events)
    }

    @Test("refuses faults that the protocol has no place for, and a run without a repetition time")
    func refusals() async throws {
        var options = Replay.Options()
        options.faults = [.corrupt(0.1)]
        await #expect(throws: StreamingError.self) {
            try await Replay(options, over: KeptSender()) { InventedRun(numbers: [0]) }.run()
        }
        options.faults = []
        await #expect(throws: NeuroimagingError.self) {
            try await Replay(options, over: KeptSender()) { InventedRun(repetitionTime: nil, numbers: [0]) }.run()
        }
        options.volumes = 5...6
        await #expect(throws: NeuroimagingError.self) {
            try await Replay(options, over: KeptSender()) { InventedRun(numbers: [0]) }.run()
        }
    }
}

@Suite("A run that is sent again")
struct ReplayRouteTests {
    let run = InventedRun(numbers: Array(0..<6))

    func check(_ inputs: DeliveredInputs) throws {
        let volumes = inputs.volumes.sorted { $0.index < $1.index }
        #expect(volumes.map(\.index) == run.numbers)
        for volume in volumes {
            // Pyneal's senders put the axes in the order of RAS+.
            let (came, sent) = (
                volume.volume.volume.reordered(), try InventedRun.stored(volume.index).volume.reordered()
            )
            #expect(came.voxels == sent.voxels && came.grid.matches(sent.grid, tolerance: 1e-4))
        }
    }

    @Test("as files comes in as it was, with its copy and its broken file told")
    func folder() async throws {
        try await WatchedFolder.watching(.inotify) { folder in
            var options = Replay.Options()
            options.speed = 4
            options.faults = [.duplicate(0.3), .reorder(0.3)]
            options.seed = 4
            let source = run
            let summary = try await Replay(options, over: FolderReplaySender(folder: folder.url)) { source }.run()
            let copies = summary.counts["duplicate"] ?? 0
            #expect(copies > 0 && summary.counts["reorder"] != nil)
            try await folder.inputs.wait("all") { $0.volumes.count == 6 && $0.faults.count == copies }
            try check(folder.inputs)
            #expect(folder.inputs.faults.allSatisfy { $0.code == .duplicate })
            #expect(folder.inputs.starts.map(\.run) == ["run-1"])
        }
    }

    @Test("in our own protocol comes in as it was, whatever happened on the way, with its events")
    func percept() async throws {
        let publisher = try await makePublisher()
        try await listening(to: publisher) { _, inbox in
            #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
            var options = Replay.Options()
            options.events = [StimulusEvent(onset: 0, duration: 1), StimulusEvent(onset: 5, duration: 1)]
            options.eventsFirst = true
            options.faults = [.withhold(0.2), .duplicate(0.2), .reorder(0.2)]
            options.speed = 2
            let run = InventedRun(numbers: Array(0..<40))
            let sender = PerceptReplaySender(publisher)
            let summary = try await Replay(options, over: sender) { run }.run()
            #expect(["withhold", "duplicate", "reorder"].allSatisfy { (summary.counts[$0] ?? 0) > 0 })
            #expect(await eventually { inbox.volumes.count >= 40 })
            #expect(inbox.volumes.map(\.index) == run.numbers)
            for volume in inbox.volumes { #expect(volume.volume == (try InventedRun.stored(volume.index))) }
            #expect(inbox.onsets == [0, 5])
            #expect(inbox.faults(.lost).isEmpty)
        }
        await publisher.close()
    }

    @Test("in our own protocol loses exactly what was lost for good, and survives a cut")
    func losses() async throws {
        let publisher = try await makePublisher()
        try await listening(to: publisher, deadline: 0.5) { _, inbox in
            #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
            var options = Replay.Options()
            options.faults = [.drop(0.15), .disconnect(volume: 10, seconds: 0.2)]
            let run = InventedRun(numbers: Array(0..<30))
            let sender = PerceptReplaySender(publisher)
            let summary = try await Replay(options, over: sender) { run }.run()
            let lost = Set(summary.injections.filter { $0.fault == .drop }.map(\.volume))
            #expect(!lost.isEmpty && summary.counts["disconnect"] == 1)
            #expect(
                await eventually { inbox.all.contains { if case .runEnd = $0 { true } else { false } } }
            )
            #expect(inbox.volumes.map(\.index) == run.numbers.filter { !lost.contains($0) })
        }
        await publisher.close()
    }

    @Test("to Pyneal's receiver comes in as it was")
    func pyneal() async throws {
        var settings = PynealInputSettings()
        settings.bind = "tcp://127.0.0.1:*"
        let pyneal = PynealSource(settings: settings, session: "s1")
        let address = try await pyneal.listen()
        try await through(pyneal, PynealReplaySender(address: address, timeout: 30))
    }

    @Test("to AFNI's receiver comes in as it was")
    func afni() async throws {
        var settings = AFNIInputSettings()
        (settings.controlPort, settings.dataPort) = (0, 0)
        let afni = AFNISource(settings: settings, session: "s1")
        let ports = try afni.listen()
        let sender = AFNIReplaySender(.init(controlPort: ports.control, dataPort: ports.data))
        try await through(afni, sender)
    }

    func through(_ source: some VolumeSource, _ sender: some ReplaySender) async throws {
        let inputs = DeliveredInputs()
        let task = Task { try await source.run(resumingAt: nil) { inputs.append($0) } }
        var options = Replay.Options()
        options.speed = 2
        let run = run
        _ = try await Replay(options, over: sender) { run }.run()
        do { try await inputs.wait("all") { $0.volumes.count == 6 } } catch is CancellationError {}
        await sender.close()
        task.cancel()
        _ = try? await task.value
        try check(inputs)
    }
}

@Suite(
    "A real DICOM run that is sent again",
    .enabled(if: Studyforrest.unpacked != nil, Comment(rawValue: SharedMaterial.missing))
)
struct ReplayStudyforrestTests {
    @Test("as files is the run of its folder")
    func files() async throws {
        let origin = FileManager.default.temporaryDirectory.appendingPathComponent("origin-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: origin, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: origin) }
        for file in try Studyforrest.slices(volumes: 3) {
            try FileManager.default.copyItem(at: file, to: origin.appendingPathComponent(file.lastPathComponent))
        }
        let offline = try AcquiredRun(path: origin.path)
        #expect(offline.files(ofVolume: 0).count == 35)
        try await WatchedFolder.watching(.poll) { folder in
            var options = Replay.Options()
            options.speed = .infinity
            let path = origin.path
            _ = try await Replay(options, over: FolderReplaySender(folder: folder.url)) {
                try ReplayedAcquisition(try AcquiredRun(path: path))
            }.run()
            try await folder.inputs.wait("all") { $0.volumes.count == 3 }
            for volume in folder.inputs.volumes { #expect(volume.volume.volume == (try offline.volume(volume.index))) }
            #expect(folder.inputs.starts.map(\.run) == ["series-401"] && folder.inputs.faults.isEmpty)
        }
    }
}
