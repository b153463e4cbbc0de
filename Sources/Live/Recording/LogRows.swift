import Foundation
import Neuroimaging
import Preprocessing
import Sessions

/// Turns what the lanes hand over into rows of the log: knows the ids of sessions and runs, and counts arrivals.
///
/// It is a value: a transaction that fails leaves it as it was.
struct LogRows: Sendable {
    private let store: SessionStore
    private let template: SessionRecord
    private var sessions: [String: SessionRecord] = [:]
    private var runs: [RunKey: RunRecord] = [:]
    private var arrivals: [RunKey: Int] = [:]

    /// Rows for a store; `session` says what a session's record says, but for its name.
    init(store: SessionStore, session: SessionRecord) {
        self.store = store
        template = session
    }

    /// Continues a run's numbers.
    mutating func adopt(_ key: RunKey, _ run: RunRecord, arrivals count: Int) {
        runs[key] = run
        arrivals[key] = count
    }

    /// The number of the next volume of a run in the order of arrival.
    mutating func nextArrival(_ run: RunKey) -> Int {
        defer { arrivals[run, default: 0] += 1 }
        return arrivals[run, default: 0]
    }

    /// Writes one item.
    ///
    /// Throws `inconsistent` if the log does not know what it belongs to, which leaves the transaction usable.
    mutating func write(_ item: RecordItem, _ transaction: SessionTransaction) throws(SessionError) {
        switch item {
        case .runStart(let key, var run):
            run.sessionID = try session(key.session, transaction)
            if runs[key] == nil { runs[key] = try transaction.inserted(run) }
        case .volume(let key, var record, _):
            record.runID = try id(key)
            try transaction.insert(&record)
        case .event(let key, var record):
            record.runID = try id(key)
            try transaction.insert(&record)
        case .trial(let key, var record):
            record.runID = try id(key)
            try transaction.insert(&record)
        case .reconstruction(let key, let readout, var record):
            let id = try id(key)
            guard let trial = try transaction.trial(record.trial, readout: readout, ofRun: id)?.id else {
                throw SessionError(.inconsistent, "\(key)", "has no trial \(record.trial) that an image could be of")
            }
            (record.runID, record.trialID) = (id, trial)
            try transaction.insert(&record)
        case .checkpoint: break
        case .checkpointFile(let key, let record): try keep(record, key, transaction)
        case .runEnd(let key, let state, let reason, let time, let statistics):
            try end(key, state, reason, time, statistics, transaction)
        case .fault(var record, let key):
            if let key {
                record.runID = runs[key]?.id
                record.sessionID = sessions[key.session]?.id
            }
            try transaction.insert(&record)
        }
    }

    private func id(_ key: RunKey) throws(SessionError) -> Int64 {
        guard let id = runs[key]?.id else { throw SessionError(.inconsistent, "\(key)", "is not in the log") }
        return id
    }

    private mutating func session(_ name: String, _ transaction: SessionTransaction) throws(SessionError) -> Int64 {
        if let id = sessions[name]?.id { return id }
        if let known = try transaction.session(named: name) {
            sessions[name] = known
            return known.id ?? 0
        }
        var record = template
        record.name = name
        record.startedAt = Date().timeIntervalSince1970
        record = try transaction.inserted(record)
        sessions[name] = record
        return record.id ?? 0
    }

    private func keep(
        _ checkpoint: CheckpointRecord,
        _ key: RunKey,
        _ transaction: SessionTransaction
    ) throws(SessionError) {
        let id = try id(key)
        var record = checkpoint
        record.runID = id
        // A state of the same volume has the same file, which has just been written anew.
        for old in try transaction.checkpoints(ofRun: id) where old.nextVolume == record.nextVolume {
            try transaction.delete(old)
        }
        try transaction.insert(&record)
        // The newest two are enough: should the newest be damaged, the other one serves.
        try discard(transaction.checkpoints(ofRun: id).dropFirst(2), key, transaction)
    }

    private func discard(
        _ checkpoints: some Sequence<CheckpointRecord>,
        _ key: RunKey,
        _ transaction: SessionTransaction
    ) throws(SessionError) {
        for old in checkpoints {
            try transaction.delete(old)
            try? FileManager.default.removeItem(at: store.checkpoint(old.file, ofSession: key.session))
        }
    }

    private mutating func end(
        _ key: RunKey,
        _ state: RunRecord.State,
        _ reason: String,
        _ time: Double,
        _ statistics: [VoxelStatistics]?,
        _ transaction: SessionTransaction
    ) throws(SessionError) {
        guard var run = runs[key], let id = run.id else { return }
        (run.state, run.endedAt, run.endReason) = (state, time, reason)
        try transaction.update(run)
        for (readout, part) in (statistics ?? []).enumerated() {
            let record = StatisticsRecord(runID: id, readout: readout, means: part.means, deviations: part.deviations)
            _ = try transaction.inserted(record)
        }
        // An interrupted run goes on from its states.
        if state == .ended { try discard(transaction.checkpoints(ofRun: id), key, transaction) }
        runs[key] = run
    }
}
