import Foundation
import GRDB

/// Writes the log's tables as CSV (RFC 4180), without patterns and images.
enum TableExport {
    /// Writes the rows of a session, a file for each table.
    static func write(_ session: Int64, log: SessionLog, to folder: URL) throws {
        let tables =
            [
                ("session", "id = ?1"), ("run", "sessionID = ?1"), ("fault", "sessionID = ?1"),
            ]
            + ["volume", "event", "trial", "reconstruction", "checkpoint"].map {
                ($0, "runID IN (SELECT id FROM run WHERE sessionID = ?1)")
            }
        for (table, condition) in tables {
            let text = try log.read { database in
                let columns = try database.columns(in: table).filter { $0.type != "BLOB" }.map(\.name)
                let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
                let sql = "SELECT \(names) FROM \"\(table)\" WHERE \(condition) ORDER BY id"
                let cursor = try Row.fetchCursor(database, sql: sql, arguments: [session])
                var text = line(columns)
                while let row = try cursor.next() { text += line(row.databaseValues.map { self.text($0) }) }
                return text
            }
            try ExportFolder.write(text.utf8, to: folder.appendingPathComponent("\(table).csv"))
        }
    }

    private static func text(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null, .blob: ""
        case .int64(let number): String(number)
        case .double(let number): "\(number)"
        case .string(let text): text
        }
    }

    private static func line(_ values: [String]) -> String {
        values.map { value in
            guard value.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return value }
            return "\"" + value.replacing("\"", with: "\"\"") + "\""
        }.joined(separator: ",") + "\r\n"
    }
}
