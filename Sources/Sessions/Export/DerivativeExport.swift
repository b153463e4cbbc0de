import Foundation
import Neuroimaging

/// Writes what was computed of a run: motion and quality, patterns, images.
struct DerivativeExport {
    let log: SessionLog
    let run: Int64
    let prefix: String

    /// Writes into the folder of the run's derivatives.
    func write(_ volumes: [VolumeRecord], _ events: [EventRecord], to folder: URL) throws {
        let motion = try TabularFile(columns: Self.motionColumns, rows: volumes.map { Self.row($0) })
        try ExportFolder.write(
            motion.content,
            to: folder.appendingPathComponent(prefix + "desc-realtime_timeseries.tsv")
        )
        try writePatterns(events, to: folder)
        try ImageExport.write(run, log: log, prefix: prefix, to: folder, images: "images")
    }

    private static let motionColumns = [
        "volume", "arrival", "status", "trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z", "verdict",
        "framewise_displacement", "dvars", "tsnr", "flags", "acquired_at", "received_at",
    ]

    private static func row(_ volume: VolumeRecord) -> [String?] {
        let motion = volume.motion.map { $0.map { TabularFile.text($0) } } ?? [String?](repeating: nil, count: 6)
        return ["\(volume.index)", "\(volume.arrival)", volume.status.rawValue] + motion + [
            volume.verdict?.onOneLine, TabularFile.text(volume.framewiseDisplacement), TabularFile.text(volume.dvars),
            TabularFile.text(volume.temporalSignalToNoise),
            volume.flags.isEmpty ? nil : volume.flags.joined(separator: ",").onOneLine,
            TabularFile.text(volume.acquiredAt), TabularFile.text(volume.receivedAt),
        ]
    }

    private static let trialColumns = [
        "row", "trial", "readout", "onset", "trial_type", "stim_file", "delay", "final", "last_volume", "standardized",
        "repeats", "doubts", "mean", "deviation", "published_at",
    ]

    /// Patterns as a matrix for each length that there is, with a table that says what its rows are.
    private func writePatterns(_ events: [EventRecord], to folder: URL) throws {
        let trials = try log.trials(ofRun: run)
        let known = Dictionary(events.compactMap { event in event.trial.map { ($0, event) } }) { first, _ in first }
        let lengths = Set(trials.map(\.pattern.count)).sorted()
        for length in lengths {
            let part = trials.filter { $0.pattern.count == length }
            let name = prefix + "desc-patterns" + (lengths.count == 1 ? "" : "\(length)") + "_betas"
            let rows = part.enumerated().map { row, trial in
                let event = known[trial.trial]
                return [
                    "\(row)", "\(trial.trial)", "\(trial.readout)", TabularFile.text(event?.onset),
                    event?.trialType?.onOneLine, event?.stimulusFile?.onOneLine, TabularFile.text(trial.delay),
                    "\(trial.isFinal)", "\(trial.lastVolume)", "\(trial.isStandardized)", "\(trial.repeats)",
                    trial.doubts.isEmpty ? nil : trial.doubts.joined(separator: ",").onOneLine,
                    TabularFile.text(trial.mean), TabularFile.text(trial.deviation),
                    TabularFile.text(trial.publishedAt),
                ]
            }
            let table = try TabularFile(columns: Self.trialColumns, rows: rows)
            try ExportFolder.write(table.content, to: folder.appendingPathComponent(name + ".tsv"))
            let matrix = ArrayFile.bytes(part.map(\.pattern))
            try ExportFolder.write(matrix, to: folder.appendingPathComponent(name + ".npy"))
        }
    }
}
