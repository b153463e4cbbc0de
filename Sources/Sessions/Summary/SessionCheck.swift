import Foundation

/// Compares what is stored of a session with itself.
public enum SessionCheck {
    /// Checks the log's file, and that each recorded volume of a session is what came; returns what is wrong.
    public static func problems(
        of session: SessionRecord,
        log: SessionLog,
        store: SessionStore
    ) throws(SessionError) -> [String] {
        guard let id = session.id else { throw SessionError(.missing, session.name, "the session is not stored") }
        var problems = try log.integrityProblems()
        for run in try log.runs(ofSession: id) {
            guard let runID = run.id else { continue }
            let recorded = try log.volumes(ofRun: runID).filter { $0.recording != nil }
            for (file, volumes) in Dictionary(grouping: recorded, by: { $0.recording ?? "" }).sorted(by: {
                $0.key < $1.key
            }) {
                problems += Self.problems(of: store.recording(file, ofSession: session.name), volumes)
            }
            for checkpoint in try log.checkpoints(ofRun: runID) {
                let url = store.checkpoint(checkpoint.file, ofSession: session.name)
                do throws(SessionError) {
                    _ = try CheckpointFile.read(url, sha256: checkpoint.sha256)
                } catch { problems.append("\(error)") }
            }
        }
        return problems
    }

    private static func problems(of url: URL, _ volumes: [VolumeRecord]) -> [String] {
        let reader: RecordingReader
        do throws(SessionError) { reader = try RecordingReader(url: url) } catch { return ["\(error)"] }
        return volumes.compactMap { volume in
            guard let place = volume.place else { return "\(url.path): volume \(volume.index) has no place" }
            do throws(SessionError) {
                let found = try reader.volume(place)
                guard found.index == volume.index, found.arrival == volume.arrival,
                    volume.checksum == nil || found.volume.checksum == volume.checksum
                else { return "\(url.path): place \(place) does not hold volume \(volume.index) as the log has it" }
                return nil
            } catch {
                return "\(error)"
            }
        }
    }
}
