import Foundation
import Neuroimaging
import Sessions
import Streaming

/// The run that a replay sends.
struct ReplaySource: Sendable {
    var path: String
    var series: Int?
    var recorded: String?

    func open() throws -> any ReplayableRun {
        if recorded != nil || FileManager.default.fileExists(atPath: path + "/sessions.sqlite") {
            return try ReplayedRecording(store: SessionStore(folder: URL(fileURLWithPath: path)), recorded ?? "")
        }
        if path.hasSuffix(".h5") { return try ReplayedRecording(file: URL(fileURLWithPath: path)) }
        let run = try AcquiredRun(path: path, seriesNumber: series)
        for warning in run.warnings.prefix(10) { StandardError.write("percept: \(warning)\n") }
        return try ReplayedAcquisition(run)
    }
}

/// A run that the daemon recorded, to be sent again.
struct ReplayedRecording: ReplayableRun {
    let path: String
    let name: String
    let subject: String?
    let task: String?
    let repetitionTime: Double?
    let events: [StimulusEvent]
    let numbers: [Int]
    private let places: [(reader: RecordingReader, place: Int)]

    /// Opens one file of a recording; if it lies in a folder with sessions, the events come from its log.
    init(file: URL) throws {
        let reader = try RecordingReader(url: file)
        // recordings/SESSION/RUN-001.h5
        let folder = file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let store = SessionStore(folder: folder)
        let isKept = FileManager.default.fileExists(atPath: store.logPath)
        let log = isKept ? try? Self.entry(store, reader.description.session, reader.description.run) : nil
        try self.init([reader], path: file.path, log: log)
    }

    /// Opens all files of a run's recording.
    ///
    /// - Parameter wish: `SESSION/RUN`; the run may be left out where the session has one.
    init(store: SessionStore, _ wish: String) throws {
        let log = try store.readLog()
        let parts = wish.split(separator: "/", maxSplits: 1).map(String.init)
        guard let name = parts.first, let session = try log.session(named: name), let id = session.id else {
            let names = try log.sessions().map(\.name).joined(separator: ", ")
            throw CommandFailure(.usage, "\(store.folder.path): give a session with --recorded; it has \(names)")
        }
        let runs = try log.runs(ofSession: id)
        let chosen = parts.count > 1 ? runs.filter { $0.name == parts[1] } : runs
        guard let run = chosen.first, chosen.count == 1 else {
            let names = runs.map(\.name).joined(separator: ", ")
            throw CommandFailure(.usage, "\(name): give a run with --recorded \(name)/RUN; it has \(names)")
        }
        let files = store.recordings(session: name, run: run.name)
        guard !files.isEmpty else {
            throw CommandFailure(.noInput, "\(name)/\(run.name): its volumes were not recorded")
        }
        let readers = try files.map { try RecordingReader(url: $0) }
        try self.init(readers, path: files[0].path, log: try Self.entry(store, name, run.name))
    }

    private init(_ readers: [RecordingReader], path: String, log: Entry?) throws {
        let description = readers[0].description
        var seen: Set<Int> = []
        var found: [(number: Int, reader: RecordingReader, place: Int)] = []
        for reader in readers {
            for (place, number) in reader.indices.enumerated() where seen.insert(number).inserted {
                found.append((number, reader, place))
            }
        }
        found.sort { $0.number < $1.number }
        (numbers, places) = (found.map(\.number), found.map { ($0.reader, $0.place) })
        (self.path, name) = (path, description.run)
        repetitionTime = description.repetitionTime > 0 ? description.repetitionTime : nil
        (subject, task, events) = (log?.subject, log?.task, log?.events ?? [])
    }

    func volume(_ place: Int) throws -> StoredVolume { try places[place].reader.volume(places[place].place).volume }

    func files(_ place: Int) -> [String] { [] }

    private typealias Entry = (subject: String?, task: String?, events: [StimulusEvent])

    /// What the log says of a run.
    private static func entry(_ store: SessionStore, _ session: String, _ run: String) throws -> Entry? {
        let log = try store.readLog()
        guard let record = try log.session(named: session), let id = record.id,
            let run = try log.run(named: run, ofSession: id), let runID = run.id
        else { return nil }
        let events = try log.events(ofRun: runID).map(\.event).sorted { $0.onset < $1.onset }
        return (record.subject, run.task, events)
    }
}
