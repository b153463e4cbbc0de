import Foundation

/// Writes a session in formats that other programs read.
public enum SessionExport {
    /// The formats.
    public enum Format: String, Sendable, CaseIterable {
        /// A BIDS data set with derivatives.
        case bids
        /// The log's tables.
        case csv
        /// The images.
        case images
    }

    /// Writes a session into a new folder, which is there whole at the end or not at all.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - format: The format.
    ///   - log: The log that has it.
    ///   - store: Where its recordings are.
    ///   - folder: The new folder.
    /// - Returns: What could not be read of the recordings; the image has zeros there.
    /// - Throws: `SessionError`, or `NeuroimagingError` of what is written.
    public static func write(
        _ session: SessionRecord,
        as format: Format,
        log: SessionLog,
        store: SessionStore,
        to folder: URL
    ) throws -> [String] {
        guard let id = session.id else { throw SessionError(.missing, session.name, "the session is not stored") }
        var problems: [String] = []
        try ExportFolder.fill(folder) { folder in
            switch format {
            case .bids: problems = try BIDSExport(session: session, log: log, store: store).write(to: folder)
            case .csv: try TableExport.write(id, log: log, to: folder)
            case .images:
                for run in try log.runs(ofSession: id) {
                    guard let runID = run.id else { continue }
                    let name = SessionStore.fileName(run.name)
                    try ImageExport.write(runID, log: log, prefix: "run-\(name)_", to: folder, images: "images")
                }
            }
        }
        return problems
    }
}
