import Foundation
import Neuroimaging
import Sessions
import Settings
import WireFormat

/// The recordings of the runs that go on: opens them, and stops visibly where the disk is full or fails.
///
/// A recording that could not be written is never appended to; recording goes on in a new file as soon as one can be
/// made.
struct VolumeRecordings {
    private let store: SessionStore
    private let settings: RecordingSettings
    private var writers: [RunKey: RecordingWriter] = [:]
    /// Recordings that were given up since the last batch, by session and file, with the volumes that are safe in each.
    private var abandoned: [[String]: Int] = [:]
    private var stopped: String?
    private var nextAttempt = ContinuousClock.now
    private var nextLook = ContinuousClock.now
    private var freeBytes: Int?

    /// How long after a failure recording is tried again.
    private static let retryInterval = Duration.seconds(2)
    /// How often the free space is looked at.
    private static let lookInterval = Duration.seconds(1)

    init(store: SessionStore, settings: RecordingSettings) {
        self.store = store
        self.settings = settings
    }

    /// What is said of recording.
    var status: StatusBody.Recording {
        guard settings.volumes else { return .init(state: "off", freeBytes: freeBytes) }
        return .init(state: stopped == nil ? "on" : "stopped", detail: stopped, freeBytes: freeBytes)
    }

    /// What is said of recording while the log fails.
    func status(logFailure: String) -> StatusBody.Recording {
        .init(state: "stopped", detail: logFailure, freeBytes: freeBytes)
    }

    /// Records a volume; nil while recording is stopped.
    ///
    /// Throws once for each failure; until the next attempt nothing is tried.
    mutating func append(
        _ voxels: StoredVolume,
        _ record: VolumeRecord,
        _ run: RunKey
    ) throws(SessionError) -> (file: String, place: Int)? {
        guard ContinuousClock.now >= nextAttempt else { return nil }
        do throws(SessionError) {
            try checkSpace(for: voxels)
            let writer = try writer(for: voxels, run)
            let volume = RecordedVolume(
                index: record.index,
                arrival: record.arrival,
                acquiredAt: record.acquiredAt,
                receivedAt: record.receivedAt,
                volume: voxels
            )
            let place = try writer.append(volume)
            stopped = nil
            return (writer.url.lastPathComponent, place)
        } catch {
            fail(error)
            throw error
        }
    }

    /// Makes everything that was appended durable.
    mutating func flush() throws(SessionError) {
        for writer in writers.values {
            do throws(SessionError) {
                try writer.flush()
            } catch {
                fail(error)
                throw error
            }
        }
    }

    /// A batch's items without the places that are not known to be on disk, once it was tried to make all durable.
    mutating func withoutUnsafePlaces(_ items: [RecordItem]) -> [RecordItem] {
        defer { abandoned = [:] }
        return items.map { item in
            guard case .volume(let run, var record, let voxels) = item, let file = record.recording,
                let place = record.place, let safe = abandoned[[run.session, file]], place >= safe
            else { return item }
            (record.recording, record.place) = (nil, nil)
            return .volume(run, record, voxels)
        }
    }

    /// The runs that have a recording.
    var runs: [RunKey] { Array(writers.keys) }

    /// Ends a run's recording.
    mutating func close(_ run: RunKey) throws(SessionError) {
        guard let writer = writers.removeValue(forKey: run) else { return }
        do throws(SessionError) {
            try writer.close()
        } catch {
            stopped = error.description
            abandon(writer, run)
            throw error
        }
    }

    // MARK: -

    private mutating func writer(for voxels: StoredVolume, _ run: RunKey) throws(SessionError) -> RecordingWriter {
        if let writer = writers[run], writer.description.fits(voxels) { return writer }
        try close(run)
        let writer = try RecordingWriter(
            url: try store.nextRecording(session: run.session, run: run.run),
            description: RecordingDescription(
                session: run.session,
                run: run.run,
                repetitionTime: repetitionTimes[run] ?? 0,
                grid: voxels.grid,
                dataType: voxels.dataType
            )
        )
        writers[run] = writer
        return writer
    }

    /// The repetition times of the runs, for their recordings.
    var repetitionTimes: [RunKey: Double] = [:]

    private mutating func checkSpace(for voxels: StoredVolume) throws(SessionError) {
        guard ContinuousClock.now >= nextLook else { return }
        nextLook = .now + Self.lookInterval
        let free = try store.freeSpace()
        freeBytes = free
        guard free >= settings.freeSpace + voxels.bytes.count else {
            throw SessionError(
                .diskFull,
                store.folder.path,
                "has \(free >> 20) MiB free, fewer than the \(settings.freeSpace >> 20) MiB that are to stay; "
                    + "recording stops until there is space, decoding goes on"
            )
        }
    }

    /// A recording that failed is left; the next attempt begins a new one.
    private mutating func fail(_ error: SessionError) {
        stopped = error.description
        nextAttempt = .now + Self.retryInterval
        nextLook = .now
        for (run, writer) in writers { abandon(writer, run) }
        writers = [:]
    }

    private mutating func abandon(_ writer: RecordingWriter, _ run: RunKey) {
        abandoned[[run.session, writer.url.lastPathComponent]] = writer.durableCount
    }
}
