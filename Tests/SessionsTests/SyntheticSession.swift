import Foundation
import Neuroimaging

@testable import Sessions

/// A store with a session of two runs, one of them in two parts and with volumes that were lost.
struct SyntheticSession {
    static let lost = 3
    let store: SessionStore
    let log: SessionLog
    let session: SessionRecord
    /// The volumes by run and number.
    private(set) var volumes: [[Int: RecordedVolume]] = []

    init(in folder: URL) throws {
        store = SessionStore(folder: folder)
        log = try store.openLog()
        var record = SampleRecords.session()
        record.startedAt = 1.7e9
        session = try log.insert(record)
        try addRun("a", parts: [0..<3, 4..<6], scale: { _ in (0.5, -3) })
        try addRun("b c", parts: [0..<4], scale: { (1 + Double($0), 0) })
        try log.insert(
            FaultRecord(
                sessionID: session.id,
                at: 1.7e9,
                severity: .warning,
                code: "lost",
                subject: "volume 3",
                detail: "never came"
            )
        )
    }

    private mutating func addRun(_ name: String, parts: [Range<Int>], scale: (Int) -> (Double, Double)) throws {
        var run = try log.insert(SampleRecords.run(session.id ?? 0, name))
        let id = run.id ?? 0
        var (arrival, recorded) = (0, [Int: RecordedVolume]())
        for part in parts {
            let url = try store.nextRecording(session: session.name, run: name)
            let writer = try RecordingWriter(url: url, description: SampleVolumes.description())
            for index in part {
                let sample = try SampleVolumes.volume(index)
                let (slope, intercept) = scale(index)
                var volume = sample
                (volume.index, volume.arrival) = (index, arrival)
                volume.volume = try StoredVolume(
                    grid: sample.volume.grid,
                    dataType: .int16,
                    bytes: sample.volume.bytes,
                    slope: slope,
                    intercept: intercept
                )
                var row = SampleRecords.volume(id, arrival)
                (row.index, row.recording) = (index, url.lastPathComponent)
                row.place = try writer.append(volume)
                row.checksum = volume.volume.checksum
                row.framewiseDisplacement = Double(index) / 10
                row.latencies = ["total": Double(10 * (index + 1))]
                try log.insert(row)
                recorded[index] = volume
                arrival += 1
            }
            try writer.close()
            guard part.upperBound == Self.lost else { continue }
            let missing = VolumeRecord(runID: id, arrival: arrival, index: Self.lost, status: .missing, receivedAt: 2)
            try log.insert(missing)
            arrival += 1
        }
        for trial in 0..<2 {
            var event = SampleRecords.event(id, trial: trial)
            event.onset = 1 + Double(trial)
            event.attributes["note"] = "two\nlines"
            try log.insert(event)
            for readout in 0..<2 {
                let readout = try log.insert(SampleRecords.trial(id, trial, readout: readout))
                try log.insert(SampleRecords.reconstruction(readout))
            }
        }
        volumes.append(recorded)
        run.state = .ended
        try log.update(run)
    }
}
