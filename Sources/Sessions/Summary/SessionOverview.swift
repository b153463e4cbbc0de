import GRDB

/// A session in one line.
public struct SessionOverview: Sendable, Equatable, Codable {
    /// What tells it from all others.
    public var name: String
    /// The person.
    public var subject: String?
    /// When it began, in s since 1970.
    public var startedAt: Double
    /// When it ended, in s since 1970.
    public var endedAt: Double?
    /// The number of runs.
    public var runs: Int
    /// The number of volumes that were processed.
    public var volumes: Int
    /// The number of trials with a pattern.
    public var trials: Int
    /// The number of images.
    public var images: Int
    /// The bytes of its recordings and of its images.
    public var bytes: Int
}

extension SessionLog {
    /// All sessions in short, the earliest first; the sizes of recordings are looked up in the store.
    public func overviews(in store: SessionStore) throws(SessionError) -> [SessionOverview] {
        let ofSession = "JOIN run ON run.id = runID WHERE run.sessionID = session.id"
        let rows = try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT name, subject, startedAt, endedAt,
                      (SELECT COUNT(*) FROM run WHERE sessionID = session.id) AS runs,
                      (SELECT COUNT(*) FROM volume \(ofSession) AND status = 'processed') AS volumes,
                      (SELECT COUNT(*) FROM (SELECT DISTINCT runID, trial FROM trial \(ofSession))) AS trials,
                      (SELECT COUNT(*) FROM reconstruction \(ofSession)) AS images,
                      (SELECT COALESCE(SUM(LENGTH(png)), 0) FROM reconstruction \(ofSession)) AS bytes
                    FROM session ORDER BY startedAt, id
                    """
            ).map { row in
                SessionOverview(
                    name: row["name"],
                    subject: row["subject"],
                    startedAt: row["startedAt"],
                    endedAt: row["endedAt"],
                    runs: row["runs"],
                    volumes: row["volumes"],
                    trials: row["trials"],
                    images: row["images"],
                    bytes: row["bytes"]
                )
            }
        }
        return rows.map { row in
            var row = row
            row.bytes += store.recordedBytes(ofSession: row.name)
            return row
        }
    }
}
