import Foundation
import Images
import Sessions
import Training

/// Trials of recorded sessions, paired with the images that were shown.
///
/// A pattern is the one that the daemon made, stored and published during the session; `percept verify` proves that the
/// recorded volumes give it again, bit for bit.
public struct SessionDataset: Sendable {
    /// Which of a trial's estimates is taken.
    public enum Readout: Sendable, Equatable {
        /// The last one.
        case final
        /// The one of that number, from 0: what a decoder had to do with so long after the onset.
        case number(Int)
    }

    /// What is taken.
    public struct Options: Sendable, Equatable {
        /// The sessions by name, besides those to test by; all in the log if it is nil.
        public var sessions: [String]?
        /// Sessions, by name, whose trials are to test by; the others' are to learn from.
        public var testSessions: Set<String> = []
        /// Runs whose trials are to test by, each as RUN or, for the run of one session, as SESSION/RUN.
        public var testRuns: Set<String> = []
        /// Which of a trial's estimates is taken.
        public var readout = Readout.final
        /// Whether trials are taken whose responses are not to be trusted, for instance because the head moved.
        public var includesDoubtful = false
        /// Whether patterns are taken that are no z-scores.
        public var includesUnstandardized = false
        /// How many trials z-scores must rest on where no earlier run stands behind them: those of the first trials ever
        /// are divided by the deviation of two or three responses, and have no finite variance.
        public var fewestTrials = 8

        /// All trials of the sessions that can be trusted, to learn from.
        public init(sessions: [String]? = nil) { self.sessions = sessions }
    }

    /// Where a row is from.
    public struct Provenance: Sendable, Equatable {
        /// The session.
        public let session: String
        /// The run.
        public let run: String
        /// The trial's number in the run, from 0.
        public let trial: Int
        /// The number of the readout, from 0.
        public let readout: Int
        /// How long after the onset it was read out, in s.
        public let delay: Double
        /// The number of repetitions that were averaged.
        public let repeats: Int
    }

    /// A trial that was not taken.
    public struct Excluded: Sendable, Equatable, CustomStringConvertible {
        /// Session, run and number of the trial.
        public let trial: String
        /// Why it was not.
        public let reason: String

        /// The trial, then the reason.
        public var description: String { "\(trial): \(reason)" }
    }

    /// The patterns with their images; classes are the conditions, where all events of images have one.
    public let data: PairedDataset
    /// Where the rows to learn from are from.
    public let training: [Provenance]
    /// Where the rows to test by are from.
    public let test: [Provenance]
    /// The digest of settings, region and reference that all runs were processed with; in logs of earlier versions, of
    /// the statistics that z-scores began with too.
    public let processing: String
    /// Means and deviations of each readout's responses after the last run to learn from; empty if no run left any.
    public let statistics: [StatisticsRecord]
    /// What was not taken, for the user to see.
    public let excluded: [Excluded]

    /// Reads the log in the daemon's state folder, and images from a folder.
    ///
    /// An image is the file that the event names as `stim_file`, or else one called like its `trial_type`.
    /// - Throws: `SessionError`; `DatasetError` if runs were processed differently, a named image is missing or no trial is
    ///   left; `ImageError`.
    public init(state folder: URL, images: URL, options: Options = Options()) throws {
        let log = try SessionStore(folder: folder).readLog()
        let reading = try SessionReading(log, options: options, images: images)
        guard let processing = reading.processing, reading.rows.contains(where: { !$0.isTest }) else {
            let count = reading.excluded.count
            let first = reading.excluded.first.map { ", the first: \($0)" } ?? ""
            let detail = "no trial is left to learn from; \(count) were not taken\(first)"
            throw DatasetError(.inconsistent, folder.path, detail)
        }
        self.processing = processing
        (statistics, excluded) = (reading.statistics, reading.excluded)
        let parts = [false, true].map { isTest in reading.rows.filter { $0.isTest == isTest } }
        let conditions = reading.conditions
        data = PairedDataset(
            name: options.sessions?.joined(separator: ", ") ?? folder.lastPathComponent,
            training: try reading.paired(parts[0], conditions: conditions),
            test: try reading.paired(parts[1], conditions: conditions)
        )
        (training, test) = (parts[0].map(\.provenance), parts[1].map(\.provenance))
    }
}

extension SessionDataset {
    /// What the rows to learn from are, on one line.
    public var summary: String {
        let sessions = Set(training.map(\.session)).sorted().joined(separator: ", ")
        return "learns from \(training.count) trials of the recorded sessions \(sessions), "
            + "processed by \(processing.prefix(12))"
    }

    /// How many trials were not taken and why, on one line; nil if all were.
    public var exclusions: String? { Self.summary(of: excluded, taken: training.count + test.count) }

    /// How many of all trials were not taken and why, on one line; nil if all were.
    static func summary(of excluded: [Excluded], taken: Int) -> String? {
        guard !excluded.isEmpty else { return nil }
        // What follows is about the one trial.
        let reasons = excluded.map { String($0.reason.prefix { $0 != ":" && $0 != ";" }) }
        let counts = Dictionary(grouping: reasons) { $0 }.mapValues(\.count)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return "\(excluded.count) of \(excluded.count + taken) trials were not taken: "
            + counts.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
    }
}
