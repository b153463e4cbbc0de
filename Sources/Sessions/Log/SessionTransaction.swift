import GRDB

/// One transaction of the session log: all of it becomes durable at its end, or nothing.
///
/// It is only valid inside of the closure that it is given to.
public struct SessionTransaction {
    let database: Database
    let path: String

    /// Stores a new record and gives it its number.
    ///
    /// Throws `inconsistent` where what it belongs to is not stored, or where there is such a record already.
    public func insert<Record: LogRecord>(_ record: inout Record) throws(SessionError) {
        var row = StoredRow(record)
        try attempt { () in try row.insert(database) }
        record = row.record
    }

    /// Stores a new record and returns it with its number.
    public func inserted<Record: LogRecord>(_ record: Record) throws(SessionError) -> Record {
        var record = record
        try insert(&record)
        return record
    }

    /// Replaces what is stored of a record.
    ///
    /// Throws `missing` if it is not stored.
    public func update<Record: LogRecord>(_ record: Record) throws(SessionError) {
        try attempt { () in try StoredRow(record).update(database) }
    }

    /// Removes a record; returns whether it was there.
    @discardableResult
    public func delete<Record: LogRecord>(_ record: Record) throws(SessionError) -> Bool {
        guard let id = record.id else { return false }
        return try attempt { () in try StoredRow<Record>.deleteOne(database, key: id) }
    }

    private func attempt<Value>(_ body: () throws -> Value) throws(SessionError) -> Value {
        do { return try body() } catch { throw SessionError(error, path) }
    }
}
