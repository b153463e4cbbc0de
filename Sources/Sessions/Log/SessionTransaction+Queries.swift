import GRDB

/// What a transaction must know of what is stored already, its own rows included.
extension SessionTransaction {
    /// The session of a name.
    public func session(named name: String) throws(SessionError) -> SessionRecord? {
        let found: [SessionRecord] = try records(where: "name = ?", arguments: [name], order: "id")
        return found.first
    }

    /// A readout of a trial.
    public func trial(_ trial: Int, readout: Int, ofRun id: Int64) throws(SessionError) -> TrialRecord? {
        let condition = "runID = ? AND trial = ? AND readout = ?"
        let found: [TrialRecord] = try records(where: condition, arguments: [id, trial, readout], order: "id")
        return found.first
    }

    /// The checkpoints of a run, newest first.
    public func checkpoints(ofRun id: Int64) throws(SessionError) -> [CheckpointRecord] {
        try records(where: "runID = ?", arguments: [id], order: "nextVolume DESC")
    }

    private func records<Record: LogRecord>(
        where condition: String,
        arguments: StatementArguments,
        order: String
    ) throws(SessionError) -> [Record] {
        let sql = "SELECT * FROM \"\(Record.table)\" WHERE \(condition) ORDER BY \(order)"
        do {
            return try StoredRow<Record>.fetchAll(database, sql: sql, arguments: arguments).map(\.record)
        } catch {
            throw SessionError(error, path)
        }
    }
}
