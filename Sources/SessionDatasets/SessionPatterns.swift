import Foundation
import Sessions
import Training

/// Patterns of recorded sessions to learn from, whatever was shown: trials without an image too.
public struct SessionPatterns: Sendable {
    /// A pattern in each row.
    public let responses: ResponseMatrix
    /// As ``SessionDataset/processing``.
    public let processing: String
    /// How many trials were not taken and why, on one line; nil if all were.
    public let exclusions: String?

    /// Reads the log in the daemon's state folder; what is to test by is left out.
    /// - Throws: `SessionError`; `DatasetError` if runs were processed differently or no trial is left.
    public init(state folder: URL, options: SessionDataset.Options = .init()) throws {
        let log = try SessionStore(folder: folder).readLog()
        let reading = try SessionReading(log, options: options, images: nil)
        let rows = reading.rows.filter { !$0.isTest }
        guard let processing = reading.processing, !rows.isEmpty else {
            throw DatasetError(.inconsistent, folder.path, "no trial is left to learn from")
        }
        responses = reading.responses(rows)
        self.processing = processing
        exclusions = SessionDataset.summary(of: reading.excluded, taken: reading.rows.count)
    }
}
