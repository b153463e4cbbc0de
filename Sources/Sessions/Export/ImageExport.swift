import Foundation
import Neuroimaging

/// Writes the images of runs with a table of what they are.
enum ImageExport {
    /// Writes the images of a run into a folder, and the table beside it.
    ///
    /// - Parameters:
    ///   - run: The run's row.
    ///   - prefix: What each name begins with.
    ///   - folder: Where the table is put.
    ///   - images: The folder within it for the images.
    /// - Returns: The number of images.
    @discardableResult
    static func write(_ run: Int64, log: SessionLog, prefix: String, to folder: URL, images: String) throws -> Int {
        let records = try log.reconstructions(ofRun: run)
        guard !records.isEmpty else { return 0 }
        let trials = Dictionary(
            uniqueKeysWithValues: try log.trials(ofRun: run).compactMap { trial in
                trial.id.map { ($0, trial) }
            }
        )
        let events = Dictionary(
            try log.events(ofRun: run).compactMap { event in
                event.trial.map { ($0, event) }
            }
        ) { first, _ in first }
        let target = try ExportFolder.make(images, in: folder)
        var rows: [[String?]] = []
        for record in records {
            let readout = trials[record.trialID]?.readout ?? 0
            let name = "\(prefix)trial-\(record.trial)_readout-\(readout)_sample-\(record.sample).png"
            try ExportFolder.write(record.png, to: target.appendingPathComponent(name))
            rows.append(row(record, "\(images)/\(name)", readout: readout, event: events[record.trial]))
        }
        let table = try TabularFile(columns: columns, rows: rows)
        try ExportFolder.write(table.content, to: folder.appendingPathComponent("\(prefix)images.tsv"))
        return records.count
    }

    private static let columns = [
        "filename", "trial", "readout", "sample", "onset", "trial_type", "stim_file", "sampler", "steps",
        "planned_steps", "cut_short", "late", "age", "agreement", "seed", "bundle", "configuration", "published_at",
    ]

    private static func row(
        _ record: ReconstructionRecord,
        _ name: String,
        readout: Int,
        event: EventRecord?
    ) -> [String?] {
        [
            name, "\(record.trial)", "\(readout)", "\(record.sample)", TabularFile.text(event?.onset),
            event?.trialType?.onOneLine, event?.stimulusFile?.onOneLine, record.sampler.onOneLine, "\(record.steps)",
            "\(record.plannedSteps)", "\(record.isCutShort)", "\(record.isLate)", TabularFile.text(record.age),
            TabularFile.text(record.agreement), "\(record.seed)", record.bundleHash.onOneLine,
            record.configurationHash.onOneLine, TabularFile.text(record.publishedAt),
        ]
    }
}

extension String {
    /// The text with spaces for line breaks, which tables cannot hold.
    var onOneLine: String { String(map { $0.isNewline || $0 == "\0" ? " " : $0 }) }
}
