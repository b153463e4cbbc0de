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
        /// Nil where images are not asked for.
        let image: URL?
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
    /// Nil where patterns are taken whatever was shown.
    let images: StimulusFiles?
    private(set) var rows: [Row] = []
    private(set) var runs: [Run] = []
    private(set) var statistics: [StatisticsRecord] = []
    private(set) var processing: String?
    private(set) var excluded: [SessionDataset.Excluded] = []

    /// Reads the sessions that are asked for; trials need an image only where there is a folder of them.
    init(_ log: SessionLog, options: SessionDataset.Options, images: URL?) throws {
        (self.options, self.images) = (options, images.map { StimulusFiles(folder: $0) })
        for session in try Self.sessions(in: log, options) {
            for run in try log.runs(ofSession: session.id ?? 0) { try add(run, of: session.name, log: log) }
        }
        if let unknown = options.testRuns.subtracting(runs.flatMap(\.names)).sorted().first {
            let known = runs.map(\.description).joined(separator: ", ")
            throw DatasetError(.unknownName, unknown, "there is no such run to test by; there are \(known)")
        }
    }

    /// The sessions that are asked for, the earliest first.
    private static func sessions(in log: SessionLog, _ options: SessionDataset.Options) throws -> [SessionRecord] {
        let all = try log.sessions()
        let named = Set(options.sessions ?? all.map(\.name)).union(options.testSessions)
        if let unknown = named.subtracting(all.map(\.name)).sorted().first {
            let known = all.map(\.name).joined(separator: ", ")
            throw DatasetError(.unknownName, unknown, "there is no such session; there are \(known)")
        }
        return all.filter { named.contains($0.name) }
    }

    /// Adds the trials of a run.
    private mutating func add(_ run: RunRecord, of session: String, log: SessionLog) throws {
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
        case taken(TrialRecord, image: URL?)
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
        guard let images else { return .taken(chosen, image: nil) }
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
            guard let image = row.image, let condition = row.condition, known[image] ?? condition == condition else {
                return []
            }
            known[image] = condition
        }
        return Set(known.values).sorted()
    }

    /// The patterns of rows.
    func responses(_ part: [Row]) -> ResponseMatrix {
        ResponseMatrix(rows: part.count, columns: rows.first?.pattern.count ?? 0, values: part.flatMap(\.pattern))
    }

    /// The rows with the images that they need.
    func paired(_ part: [Row], conditions: [String]) throws -> StimulusResponses {
        var positions: [URL: Int] = [:]
        var order: [(image: URL, condition: String?)] = []
        var indices: [Int] = []
        for row in part {
            guard let image = row.image else { preconditionFailure("Rows are paired that were read without images.") }
            let position = positions[image] ?? order.count
            if position == order.count { order.append((image, row.condition)) }
            positions[image] = position
            indices.append(position)
        }
        return StimulusResponses(
            responses: responses(part),
            imageIndices: indices,
            stimuli: StimulusSet(
                images: try order.map { try ImageFile.read($0.image) },
                names: order.compactMap { images?.name($0.image) },
                classes: conditions.isEmpty ? [] : order.compactMap { $0.condition.flatMap(conditions.firstIndex) },
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
