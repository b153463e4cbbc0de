import Foundation
import Logging
import Neuroimaging
import Preprocessing
import Settings
import SharedMaterial
import Streaming
import Tensors
import TestSupport
import Testing
import WireFormat

@testable import Live

/// A real run comes to the daemon by every way that a lab may have.
@Suite(
    "Every route gives the patterns of offline processing",
    .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"),
    .serialized
)
final class RouteTests {
    static let count = 14
    let folder: TemporaryFolder
    let slices: [URL]
    let run: AcquiredRun
    let events: URL
    let model: ProcessingModel

    init() throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        slices = try Studyforrest.slices(volumes: Self.count)
        let copies = folder.url.appendingPathComponent("copies")
        try FileManager.default.createDirectory(at: copies, withIntermediateDirectories: true)
        for file in slices {
            try FileManager.default.copyItem(at: file, to: copies.appendingPathComponent(file.lastPathComponent))
        }
        run = try AcquiredRun(path: copies.path)
        events = try SharedMaterial.url("\(Studyforrest.folder)/events_half1.tsv")
        var configuration = ProcessingConfiguration(repetitionTime: 2, plannedVolumes: Self.count)
        configuration.confounds = ConfoundConfiguration(drift: .polynomial(order: 1), motion: .none)
        configuration.trials.method = .leastSquaresSeparate(response: .glover, delays: [6])
        configuration.trials.standardization = nil
        let reference = try run.volume(0)
        let bright = try Mask(brightVoxelsOf: reference)
        let members = Set(bright.offsets.enumerated().filter { $0.offset % 9 == 0 }.map(\.element))
        model = try ProcessingModel(
            configuration: configuration,
            mask: try Mask(grid: reference.grid) { members.contains($0) },
            reference: reference
        )
    }

    /// The patterns of `percept preprocess`: events announced first, volumes one by one.
    func expected(
        repetitionTime: Double = 2,
        plannedVolumes: Int = count,
        _ read: (Volume) -> Volume = { $0 }
    ) throws -> [TrialPattern] {
        var processor = try VolumeProcessor(
            configuration: model.configuration(repetitionTime: repetitionTime, plannedVolumes: plannedVolumes),
            mask: model.mask,
            reference: model.reference,
            kernels: VolumeKernels(pool: ThreadPool(threads: 1))
        )
        for event in try EventTable(contentsOf: events).events { try processor.present(event) }
        var trials: [TrialPattern] = []
        for place in 0..<run.count {
            let volume = read(try run.volume(place))
            trials += try volume.voxels.withUnsafeBufferPointer {
                try processor.process(.float($0), grid: volume.grid, number: run.numbers[place]).trials
            }
        }
        return try trials + processor.finish()
    }

    /// A lane that a source delivers to.
    func process(_ source: some VolumeSource, _ send: () async throws -> Void) async throws -> [[Float]] {
        var settings = DaemonSettings()
        settings.events.file = events.path
        settings.decoding.enabled = false
        settings.session.plannedVolumes = Self.count
        settings.session.repetitionTime = 2
        let publication = CollectedPublication()
        let context = LaneContext(
            model: model,
            settings: settings,
            provenance: Provenance(bundle: nil, configuration: "c"),
            publication: publication,
            recorder: CollectedRecords(),
            trials: TrialQueue(capacity: 1),
            monitor: LiveMonitor(log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let lane = VolumeLane(context, threads: 1)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await lane.run() }
            tasks.addTask { try await source.run(resumingAt: nil) { lane.deliver($0) } }
            try await send()
            #expect(await eventually { context.monitor.volumes.processed == Self.count })
            await lane.end(reason: "test")
            tasks.cancelAll()
        }
        #expect(context.monitor.volumes.received == Self.count)
        return publication.messages.filter { $0.topic == .pattern }.map { message in
            (message.payload.first ?? []).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        }
    }

    /// The largest difference relative to the spread of the values.
    static func difference(_ left: [[Float]], _ right: [TrialPattern]) -> Double {
        guard left.count == right.count, !left.isEmpty else { return .infinity }
        let expected = right.flatMap(\.pattern)
        let spread = (expected.reduce(0) { $0 + Double($1 * $1) } / Double(expected.count)).squareRoot()
        let largest = zip(left.joined(), expected).map { abs(Double($0) - Double($1)) }.max() ?? .infinity
        return largest / spread
    }

    func stored(_ place: Int) throws -> StoredVolume { StoredVolume(try run.volume(place)) }

    @Test("a folder of DICOM slices that arrive in the order of the scan: bit for bit")
    func dicomFolder() async throws {
        var settings = FolderInputSettings()
        settings.path = folder.path("arriving")
        // On a busy machine the first slices may be there before the folder is watched.
        settings.takesExisting = true
        try FileManager.default.createDirectory(atPath: settings.path, withIntermediateDirectories: true)
        let target = URL(fileURLWithPath: settings.path)
        let patterns = try await process(FolderSource(settings: settings, session: "s")) {
            for file in slices {
                try FileManager.default.copyItem(at: file, to: target.appendingPathComponent(file.lastPathComponent))
            }
        }
        // The files say how long the run was to be, and a repetition time that is not quite 2 s.
        let (time, planned) = (try #require(run.repetitionTime), try #require(run.plannedVolumes))
        #expect(abs(time - 2) < 1e-4 && planned == 156)
        #expect(Self.difference(patterns, try expected(repetitionTime: time, plannedVolumes: planned)) == 0)
    }

    @Test("Percept's own protocol: bit for bit")
    func percept() async throws {
        let publisher = try await StreamPublisher(PublisherSettings(publish: "tcp://127.0.0.1:*"), name: "scanner")
        var input = PerceptInputSettings()
        (input.subscribe, input.resend) = (publisher.address, publisher.resendAddress)
        let patterns = try await process(PerceptSource(input)) {
            #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
            try publisher.publish(
                RunBody(phase: .start, repetitionTime: 2, plannedVolumes: Self.count),
                topic: .run,
                session: "s",
                run: "r"
            )
            for place in 0..<run.count {
                let volume = IncomingVolume(
                    session: "s",
                    run: "r",
                    index: place,
                    volume: try stored(place),
                    repetitionTime: 2,
                    arrival: Arrival(instant: .now, time: 0)
                )
                let payload = [volume.volume.bytes]
                try publisher.publish(
                    try VolumeBody(volume),
                    topic: .volume,
                    session: "s",
                    run: "r",
                    payload: payload
                )
            }
        }
        await publisher.close()
        #expect(Self.difference(patterns, try expected()) == 0)
    }

    @Test("a Pyneal-Scanner, which turns axes: bit for bit as the turned volumes")
    func pyneal() async throws {
        var settings = PynealInputSettings()
        settings.bind = "tcp://127.0.0.1:*"
        let source = PynealSource(settings: settings, session: "s", plannedVolumes: Self.count, repetitionTime: 2)
        let address = try await source.listen()
        let patterns = try await process(source) {
            let sender = try PynealSender(address: address)
            try await sender.connect()
            for place in 0..<run.count {
                _ = try await sender.send(try stored(place), index: place, repetitionTime: 2)
            }
            await sender.close()
        }
        #expect(Self.difference(patterns, try expected { $0.reordered() }) == 0)
        // Turned axes move where the search for the head's position ends by some micrometres.
        #expect(Self.difference(patterns, try expected()) < 0.3)
    }

    // Geometry is a text in this protocol: a sender that prints fewer digits than ours gives another grid by as much.
    @Test("an AFNI sender that writes its geometry to the last digit: bit for bit")
    func afni() async throws {
        var settings = AFNIInputSettings()
        (settings.controlPort, settings.dataPort) = (0, 0)
        let source = AFNISource(settings: settings, session: "s")
        let ports = try source.listen()
        let patterns = try await process(source) {
            let sender = AFNISender(.init(controlPort: ports.control, dataPort: ports.data))
            try await sender.connect()
            var metadata = AFNIMetadata(grid: run.grid, datum: .float)
            metadata.repetitionTime = 2
            try await sender.startRun(metadata)
            for place in 0..<run.count { try await sender.send(try stored(place)) }
            try await sender.endRun()
            await sender.close()
        }
        #expect(Self.difference(patterns, try expected()) == 0)
    }
}
