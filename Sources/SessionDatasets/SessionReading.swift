import Foundation
import Images
import Sessions
import Training

/// The trials of several runs as they are collected.
struct SessionReading {
    /// A trial that is taken.
    struct Row {
        let provenance: SessionDataset.Provenance
        let isTest: Bool
        let pattern: [Float]
        let image: URL
        let condition: String?
    }

    /// A run that was read.
    struct Run: CustomStringConvertible {
        let session: String
        let run: String

        var description: String { "\(session)/\(run)" }
        /// What it may be called.
        var names: [String] { [run, description] }
    }

    let options: SessionDataset.Options
    let images: StimulusFiles
    private(set) var rows: [Row] = []
    private(set) var runs: [Run] = []
    private(set) var statistics: [StatisticsRecord] = []
    private(set) var processing: String?
    private(set) var excluded: [SessionDataset.Excluded] = []

    init(options: SessionDataset.Options, images: URL) {
        (self.options, self.images) = (options, StimulusFiles(folder: images))
    }

    /// Adds the trials of a run.
    mutating func add(_ run: RunRecord, of session: String, log: SessionLog) throws {
        let place = Run(session: session, run: run.name)
        runs.append(place)
        let isTest = options.testSessions.contains(session) || !options.testRuns.isDisjoint(with: place.names)
        if !isTest, case let latest = try log.statistics(ofRun: run.id ?? 0), !latest.isEmpty { statistics = latest }
        let events = try log.events(ofRun: run.id ?? 0)
        let eventOfTrial = Dictionary(events.compactMap { event in event.trial.map { ($0, event) } }) { $1 }
        let records = try log.trials(ofRun: run.id ?? 0)
        // Before the second trial there are z-scores only by what earlier runs left.
        let followsOthers = records.contains { $0.isStandardized && $0.standardizedBy == 0 }
        let fewest = followsOthers ? 0 : options.fewestTrials
        for (trial, readouts) in Dictionary(grouping: records, by: \.trial).sorted(by: { $0.key < $1.key }) {
            let name = "\(place), trial \(trial)"
            let outcome = try taken(readouts, event: eventOfTrial[trial], fewest: fewest)
            guard case .taken(let record, let image) = outcome else {
                if case .excluded(let reason) = outcome { excluded.append(.init(trial: name, reason: reason)) }
                continue
            }
            try check(record, of: run, name: name)
            rows.append(
                Row(
                    provenance: SessionDataset.Provenance(
                        session: session,
                        run: run.name,
                        trial: trial,
                        readout: record.readout,
                        delay: record.delay,
                        repeats: record.repeats
                    ),
                    isTest: isTest,
                    pattern: record.pattern,
                    image: image,
                    condition: eventOfTrial[trial]?.trialType
                )
            )
        }
    }

    private enum Outcome {
        case taken(TrialRecord, image: URL)
        case excluded(String)
    }

    /// The readout and the image of a trial, or why there are none.
    private func taken(_ readouts: [TrialRecord], event: EventRecord?, fewest: Int) throws -> Outcome {
        let chosen =
            switch options.readout {
            case .final: readouts.last { $0.isFinal }
            case .number(let number): readouts.first { $0.readout == number }
            }
        guard let chosen else { return .excluded("it has no such readout") }
        guard options.includesDoubtful || chosen.doubts.isEmpty else {
            return .excluded("its response is not to be trusted: \(chosen.doubts.joined(separator: ", "))")
        }
        guard options.includesUnstandardized || chosen.isStandardized else {
            return .excluded("its pattern is not of z-scores; too few trials came before it")
        }
        guard options.includesUnstandardized || chosen.standardizedBy >= fewest else {
            return .excluded("its z-scores rest on fewer than \(fewest) trials: \(chosen.standardizedBy)")
        }
        guard chosen.pattern.allSatisfy(\.isFinite), !chosen.pattern.isEmpty else {
            return .excluded("its pattern has voxels without a number")
        }
        guard let event else { return .excluded("it belongs to no event") }
        guard let image = try images.file(of: event) else { return .excluded("its event names no image") }
        return .taken(chosen, image: image)
    }

    /// Checks that a pattern can stand below the others.
    private mutating func check(_ record: TrialRecord, of run: RunRecord, name: String) throws {
        let made = Processing.digest(run.processing)
        guard processing == nil || processing == made else {
            throw DatasetError(
                .inconsistent,
                name,
                "its run was processed with another region, reference or settings than those before; "
                    + "name sessions that were processed alike"
            )
        }
        processing = made
        guard rows.first.map({ $0.pattern.count == record.pattern.count }) ?? true else {
            let detail = "its pattern has \(record.pattern.count) voxels, those before \(rows[0].pattern.count)"
            throw DatasetError(.inconsistent, name, detail)
        }
    }

    /// The conditions of all trials, sorted; none where an image has none, or two.
    var conditions: [String] {
        var known: [URL: String] = [:]
        for row in rows {
            guard let condition = row.condition, known[row.image] ?? condition == condition else { return [] }
            known[row.image] = condition
        }
        return Set(known.values).sorted()
    }

    /// The rows with the images that they need.
    func paired(_ part: [Row], conditions: [String]) throws -> StimulusResponses {
        var positions: [URL: Int] = [:]
        var order: [Row] = []
        for row in part where positions[row.image] == nil {
            positions[row.image] = order.count
            order.append(row)
        }
        return StimulusResponses(
            responses: ResponseMatrix(
                rows: part.count,
                columns: rows.first?.pattern.count ?? 0,
                values: part.flatMap(\.pattern)
            ),
            imageIndices: part.map { positions[$0.image] ?? 0 },
            stimuli: StimulusSet(
                images: try order.map { try ImageFile.read($0.image) },
                names: order.map { images.name($0.image) },
                classes: conditions.isEmpty
                    ? [] : order.compactMap { row in row.condition.flatMap(conditions.firstIndex) },
                classNames: conditions
            )
        )
    }
}

/// What a run was processed with, of the text that its record has for it.
private enum Processing {
    private struct Digests: Decodable {
        let model: String
        let patterns: String?
    }

    /// The digest of settings, region and reference; in logs of earlier versions, of statistics too.
    static func digest(_ text: String) -> String {
        guard let digests = try? JSONDecoder().decode(Digests.self, from: Data(text.utf8)) else { return text }
        return digests.patterns ?? digests.model
    }
}
