// corpus: *.tsv
import Neuroimaging

/// Reads a table and its events, and writes them again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    _ = try? TabularFile(bytes, hasHeader: false)
    guard let table = try? TabularFile(bytes) else { return 0 }
    for column in table.columns.indices { _ = try? table.numbers(column) }

    // What was read is read again as it was written.
    let values = (0..<table.rowCount).map { row in table.columns.indices.map { table[row, $0] as String? } }
    if let again = try? TabularFile(columns: table.columns, rows: values) {
        precondition(again.rowCount == table.rowCount, "rows got lost")
        for (row, texts) in values.enumerated() {
            precondition(texts == table.columns.indices.map { again[row, $0] }, "a value changed")
        }
    }
    if let events = try? EventTable(table), let written = try? events.table() {
        precondition((try? EventTable(written))?.events.count == events.events.count, "events got lost")
    }
    return 0
}
