import Foundation
import Neuroimaging
import Sessions

/// A run of the session log with its recordings, to be processed again in the order in which it was.
public struct RecordedRun: Sendable {
    /// One thing that happened in the run.
    public enum Step {
        /// An event was announced.
        case event(EventRecord)
        /// A volume was processed.
        case volume(VolumeRecord, StoredVolume)
        /// A volume was processed of which no recording is left.
        case unrecorded(VolumeRecord, reason: String)
    }

    /// The run.
    public let key: RunKey
    /// Its record.
    public let run: RunRecord
    private let store: SessionStore
    private let events: [EventRecord]
    private let volumes: [VolumeRecord]

    /// Reads what the log says of a run.
    public init(_ run: RunRecord, session: String, store: SessionStore, log: SessionLog) throws(SessionError) {
        self.run = run
        self.store = store
        key = RunKey(session: session, run: run.name)
        events = try log.events(ofRun: run.id ?? 0)
        volumes = try log.volumes(ofRun: run.id ?? 0).filter { $0.status == .processed }.sorted { $0.index < $1.index }
    }

    /// Gives what happened in order, from the state before a volume on.
    ///
    /// An event that was announced before a volume is given before it, as in the run.
    public func replay(from nextVolume: Int? = nil, _ body: (Step) throws -> Void) throws {
        var pending = events.filter { $0.beforeVolume >= nextVolume ?? 0 }[...]
        var reader: RecordingReader?
        for record in volumes where record.index >= nextVolume ?? 0 {
            while let event = pending.first, event.beforeVolume <= record.index {
                try body(.event(event))
                pending.removeFirst()
            }
            switch Result(catching: { () throws(SessionError) in try voxels(record, &reader) }) {
            case .success(let volume): try body(.volume(record, volume))
            case .failure(let error): try body(.unrecorded(record, reason: error.description))
            }
        }
        for event in pending { try body(.event(event)) }
    }

    private func voxels(_ record: VolumeRecord, _ reader: inout RecordingReader?) throws(SessionError) -> StoredVolume {
        guard let file = record.recording, let place = record.place else {
            throw SessionError(.missing, "volume \(record.index) of \(key)", "was not recorded")
        }
        let url = store.recording(file, ofSession: key.session)
        if reader?.url != url { reader = try RecordingReader(url: url) }
        guard let volume = try reader?.volume(place) else {
            throw SessionError(.missing, url.path, "has no volume \(place)")
        }
        guard volume.index == record.index, record.checksum == nil || volume.volume.checksum == record.checksum else {
            throw SessionError(.damaged, url.path, "holds another volume at \(place) than the log says")
        }
        return volume.volume
    }
}
