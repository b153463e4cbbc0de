import Foundation

extension EventTable {
    /// Reads an `_events.tsv` file.
    ///
    /// - Throws: `NeuroimagingError` that names file, line and column.
    public init(contentsOf url: URL, limits: TabularFile.Limits = TabularFile.Limits()) throws {
        try self.init(TabularFile(contentsOf: url, limits: limits))
    }

    /// Writes an `_events.tsv` file, which appears complete or not at all.
    ///
    /// - Throws: `NeuroimagingError`.
    public func write(to url: URL) throws {
        try table(name: url.path).write(to: url)
    }
}
