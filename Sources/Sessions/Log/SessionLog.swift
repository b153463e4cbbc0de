import Foundation
import GRDB

/// The log of sessions: an SQLite database in WAL mode.
///
/// A transaction is on the disk once ``write(_:)`` has returned. All calls block, so they belong on a thread of their
/// own; any number of threads and processes may read while one writes.
public final class SessionLog: Sendable {
    /// The file.
    public let path: String
    private let reader: any DatabaseReader
    private let writer: DatabasePool?

    private init(path: String, reader: any DatabaseReader, writer: DatabasePool?) {
        (self.path, self.reader, self.writer) = (path, reader, writer)
    }

    /// Opens a log for reading and writing; makes it if it is not there.
    ///
    /// - Throws: `unwritable`, `diskFull`, `damaged` if it is no such database, `inconsistent` if a later version of
    ///   this program made it.
    public convenience init(path: String) throws(SessionError) {
        // SQLite gives its other files the rights of this one.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SessionError(errno: errno, path) }
        Foundation.close(descriptor)
        do {
            var configuration = Self.configuration
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            try Self.checkVersion(pool, path)
            try SessionSchema.migrator.migrate(pool)
            self.init(path: path, reader: pool, writer: pool)
        } catch {
            throw SessionError(error, path)
        }
    }

    /// Opens a log that another process may be writing, for reading.
    ///
    /// - Throws: `missing` if there is none, `unreadable`, `damaged`, `inconsistent` as above.
    public static func reading(path: String) throws(SessionError) -> SessionLog {
        guard FileManager.default.fileExists(atPath: path) else {
            throw SessionError(.missing, path, "there is no log of sessions; name the folder that perceptd writes to")
        }
        do {
            var configuration = Self.configuration
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try checkVersion(queue, path)
            let isComplete = try queue.read { try SessionSchema.migrator.hasCompletedMigrations($0) }
            guard isComplete else {
                throw SessionError(.inconsistent, path, "an earlier version made this log; start perceptd with it once")
            }
            return SessionLog(path: path, reader: queue, writer: nil)
        } catch {
            throw SessionError(error, path)
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(10)
        configuration.label = "sessions"
        return configuration
    }

    private static func checkVersion(_ reader: some DatabaseReader, _ path: String) throws {
        guard try reader.read({ try SessionSchema.migrator.hasBeenSuperseded($0) }) == false else {
            throw SessionError(
                .inconsistent,
                path,
                "a later version of this program made this log; use that version, or another folder"
            )
        }
    }

    /// Runs a transaction; once this has returned, all of it is on the disk.
    ///
    /// What `body` throws undoes the transaction and is thrown on.
    public func write<Value: Sendable>(_ body: (SessionTransaction) throws -> Value) throws(SessionError) -> Value {
        guard let writer else { throw SessionError(.unwritable, path, "the log was opened for reading only") }
        do {
            return try writer.write { try body(SessionTransaction(database: $0, path: path)) }
        } catch {
            throw SessionError(error, path)
        }
    }

    /// Stores one record in a transaction of its own and returns it with its number.
    @discardableResult
    public func insert<Record: LogRecord>(_ record: Record) throws(SessionError) -> Record {
        try write { try $0.inserted(record) }
    }

    /// Replaces what is stored of a record, in a transaction of its own.
    public func update<Record: LogRecord>(_ record: Record) throws(SessionError) {
        try write { try $0.update(record) }
    }

    /// Moves everything into the main file and closes the log; nothing can be done with it afterwards.
    public func close() throws(SessionError) {
        do {
            try writer?.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
            try reader.close()
        } catch {
            throw SessionError(error, path)
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(SessionError) -> Value {
        do { return try reader.read(body) } catch { throw SessionError(error, path) }
    }

    /// The records that an SQL condition selects.
    func records<Record: LogRecord>(
        where condition: String = "1",
        arguments: StatementArguments = [],
        order: String = "id"
    ) throws(SessionError) -> [Record] {
        let sql = "SELECT * FROM \"\(Record.table)\" WHERE \(condition) ORDER BY \(order)"
        return try read { try StoredRow<Record>.fetchAll($0, sql: sql, arguments: arguments).map(\.record) }
    }

    /// The first record that an SQL condition selects.
    func first<Record: LogRecord>(
        where condition: String,
        arguments: StatementArguments,
        order: String = "id"
    ) throws(SessionError) -> Record? {
        let sql = "SELECT * FROM \"\(Record.table)\" WHERE \(condition) ORDER BY \(order) LIMIT 1"
        return try read { try StoredRow<Record>.fetchOne($0, sql: sql, arguments: arguments)?.record }
    }
}
