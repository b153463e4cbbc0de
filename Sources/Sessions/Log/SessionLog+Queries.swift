import GRDB
import Neuroimaging

extension SessionLog {
    /// All sessions, the earliest first.
    public func sessions() throws(SessionError) -> [SessionRecord] { try records(order: "startedAt, id") }

    /// The session of a name, or nil.
    public func session(named name: String) throws(SessionError) -> SessionRecord? {
        try first(where: "name = ?", arguments: [name])
    }

    /// The runs of a session, in the order in which they began.
    public func runs(ofSession id: Int64) throws(SessionError) -> [RunRecord] {
        try records(where: "sessionID = ?", arguments: [id])
    }

    /// The run of a name, or nil.
    public func run(named name: String, ofSession id: Int64) throws(SessionError) -> RunRecord? {
        try first(where: "sessionID = ? AND name = ?", arguments: [id, name])
    }

    /// The run that began last, of whichever session, and its session; nil if there is none.
    public func lastRun() throws(SessionError) -> (run: RunRecord, session: SessionRecord)? {
        let run: RunRecord? = try first(where: "1", arguments: [], order: "id DESC")
        guard let run else { return nil }
        let session: SessionRecord? = try first(where: "id = ?", arguments: [run.sessionID])
        return session.map { (run, $0) }
    }

    /// The volumes of a run in the order in which they were dealt with, from an arrival on.
    public func volumes(ofRun id: Int64, from arrival: Int = 0) throws(SessionError) -> [VolumeRecord] {
        try records(where: "runID = ? AND arrival >= ?", arguments: [id, arrival], order: "arrival")
    }

    /// The last volume of a run that was dealt with, or nil.
    public func lastVolume(ofRun id: Int64) throws(SessionError) -> VolumeRecord? {
        try first(where: "runID = ?", arguments: [id], order: "arrival DESC")
    }

    /// The events of a run, in the order in which they were made known to processing.
    public func events(ofRun id: Int64) throws(SessionError) -> [EventRecord] {
        try records(where: "runID = ?", arguments: [id])
    }

    /// How far the stream was taken in by what a run has stored; nil if its source has no numbers.
    ///
    /// Of several publishers it is the one whose message was stored last.
    public func lastPosition(ofRun id: Int64) throws(SessionError) -> StreamPosition? {
        let volume: VolumeRecord? = try first(
            where: "runID = ? AND position IS NOT NULL",
            arguments: [id],
            order: "arrival DESC"
        )
        let event: EventRecord? = try first(
            where: "runID = ? AND position IS NOT NULL",
            arguments: [id],
            order: "id DESC"
        )
        guard let volume, let position = volume.position else { return event?.position }
        guard let event, let other = event.position else { return position }
        if other.publisher == position.publisher { return other.sequence > position.sequence ? other : position }
        return event.beforeVolume > volume.index ? other : position
    }

    /// The readouts of a run's trials, in the order in which they were stored.
    public func trials(ofRun id: Int64) throws(SessionError) -> [TrialRecord] {
        try records(where: "runID = ?", arguments: [id])
    }

    /// One readout of a trial, or nil if it is not stored yet.
    public func trial(_ trial: Int, readout: Int, ofRun id: Int64) throws(SessionError) -> TrialRecord? {
        try first(where: "runID = ? AND trial = ? AND readout = ?", arguments: [id, trial, readout])
    }

    /// The images of a run, in the order in which they were stored.
    public func reconstructions(ofRun id: Int64) throws(SessionError) -> [ReconstructionRecord] {
        try records(where: "runID = ?", arguments: [id])
    }

    /// The images of one readout of a trial.
    public func reconstructions(ofTrial id: Int64) throws(SessionError) -> [ReconstructionRecord] {
        try records(where: "trialID = ?", arguments: [id], order: "sample")
    }

    /// Which outputs of a run are stored already, without the outputs themselves.
    public func storedOutputs(ofRun id: Int64) throws(SessionError) -> StoredOutputs {
        try read { database in
            var outputs = StoredOutputs()
            let readouts = try Row.fetchAll(
                database,
                sql: "SELECT trial, readout FROM trial WHERE runID = ?",
                arguments: [id]
            )
            for row in readouts { outputs.trials.insert(.init(trial: row[0], readout: row[1], sample: nil)) }
            let images = try Row.fetchAll(
                database,
                sql: """
                    SELECT trial.trial, trial.readout, reconstruction.sample FROM reconstruction
                    JOIN trial ON trial.id = reconstruction.trialID WHERE reconstruction.runID = ?
                    """,
                arguments: [id]
            )
            for row in images { outputs.reconstructions.insert(.init(trial: row[0], readout: row[1], sample: row[2])) }
            return outputs
        }
    }

    /// The latest checkpoint of a run, or nil.
    public func lastCheckpoint(ofRun id: Int64) throws(SessionError) -> CheckpointRecord? {
        try first(where: "runID = ?", arguments: [id], order: "nextVolume DESC")
    }

    /// All checkpoints of a run, the latest first: an earlier one serves where the latest file is damaged.
    public func checkpoints(ofRun id: Int64) throws(SessionError) -> [CheckpointRecord] {
        try records(where: "runID = ?", arguments: [id], order: "nextVolume DESC")
    }

    /// What a run left behind of statistics, by readout; empty if it has not ended or had too few trials.
    public func statistics(ofRun id: Int64) throws(SessionError) -> [StatisticsRecord] {
        try records(where: "runID = ?", arguments: [id], order: "readout")
    }

    /// What the latest run of a session that has any left behind of statistics, by readout; empty if none has.
    public func latestStatistics(ofSession id: Int64) throws(SessionError) -> [StatisticsRecord] {
        try records(
            where: """
                runID = (SELECT MAX(runID) FROM statistics JOIN run ON run.id = runID WHERE sessionID = ?)
                """,
            arguments: [id],
            order: "readout"
        )
    }

    /// The faults of a session; nil for those of all, and those that belong to none.
    public func faults(ofSession id: Int64?) throws(SessionError) -> [FaultRecord] {
        guard let id else { return try records() }
        return try records(where: "sessionID = ?", arguments: [id])
    }

    /// What SQLite finds wrong with the file, and references that lead nowhere; empty if all is well.
    public func integrityProblems() throws(SessionError) -> [String] {
        try read { database in
            let problems = try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            let references = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map { row in
                let (table, parent): (String?, String?) = (row["table"], row["parent"])
                return "a row of \(table ?? "?") belongs to one of \(parent ?? "?") that is not there"
            }
            return problems + references
        }
    }
}

/// Which outputs of a run are stored.
public struct StoredOutputs: Sendable, Equatable {
    /// What tells an output from others.
    public struct Key: Sendable, Hashable {
        /// The trial's number in the run.
        public var trial: Int
        /// Which of its readouts.
        public var readout: Int
        /// Which of its images; nil for a pattern.
        public var sample: Int?

        /// Names an output.
        public init(trial: Int, readout: Int, sample: Int?) {
            (self.trial, self.readout, self.sample) = (trial, readout, sample)
        }
    }

    /// Readouts of trials.
    public var trials: Set<Key> = []
    /// Images.
    public var reconstructions: Set<Key> = []

    /// Nothing is stored.
    public init() {}
}
