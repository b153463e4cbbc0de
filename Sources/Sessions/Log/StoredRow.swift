import Foundation
import GRDB

/// A record as GRDB takes it, so that records themselves know nothing of the database.
struct StoredRow<Record: LogRecord>: Codable, FetchableRecord, MutablePersistableRecord {
    var record: Record

    static var databaseTableName: String { Record.table }

    init(_ record: Record) { self.record = record }

    init(from decoder: any Decoder) throws { record = try Record(from: decoder) }

    func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }

    mutating func didInsert(_ inserted: InsertionSuccess) { record.id = inserted.rowID }

    static func databaseJSONEncoder(for column: String) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A time that is not finite must not keep a volume out of the log.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return encoder
    }

    static func databaseJSONDecoder(for column: String) -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return decoder
    }
}
