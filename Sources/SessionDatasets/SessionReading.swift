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

    let options: SessionDataset.Options
    let images: StimulusFiles
    private(set) var rows: [Row] = []
    private(set) var runs: [String] = []
    private(set) var processing: String?
    private(set) var excluded: [SessionDataset.Excluded] = []

    init(options: SessionDataset.Options, images: URL) {
        (self.options, self.images) = (options, StimulusFiles(folder: images))
    }

    /// Adds the trials of a run.
    mutating func add(_ run: RunRecord, of session: String, log: SessionLog) throws {
        runs.append(run.name)
        let events = try log.events(ofRun: run.id ?? 0)
        let eventOfTrial = Dictionary(events.compactMap { event in event.trial.map { ($0, event) } }) { $1 }
        let records = Dictionary(grouping: try log.trials(ofRun: run.id ?? 0), by: \.trial)
        for (trial, readouts) in records.sorted(by: { $0.key < $1.key }) {
            let name = "\(session)/\(run.name), trial \(trial)"
            let outcome = try taken(readouts, event: eventOfTrial[trial])
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
                    isTest: options.testRuns.contains(run.name),
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
    private func taken(_ readouts: [TrialRecord], event: EventRecord?) throws -> Outcome {
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
    private struct Model: Decodable { let model: String }

    /// The digest of settings, region, reference and statistics.
    static func digest(_ text: String) -> String {
        (try? JSONDecoder().decode(Model.self, from: Data(text.utf8)))?.model ?? text
    }
}
