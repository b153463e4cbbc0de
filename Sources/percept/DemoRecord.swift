import Decoder
import Evaluation
import Foundation
import Images
import Plotting
import Streaming
import WireFormat

/// Everything that a demo found: the file `demo.json`.
struct DemoRecord: Codable {
    /// Who looked at what.
    struct Participant: Codable {
        /// Always true: there is no scanner and no person.
        var isSimulated = true
        var seed: UInt64
        var visit: Int
        /// How many times faster than a scanner the scan was to be streamed.
        var speed: Double
        /// How many times faster it was.
        var reachedSpeed: Double
        var repetitionTime: Double
        /// The settings of the simulation by key.
        var settings: [String: String]
    }

    struct Bundle: Codable {
        var name: String
        var weightsHash: String
        var provenance: BundleManifest.Provenance
    }

    struct Trial: Codable {
        var trial: Int
        var stimulus: String
        var category: String?
        var onset: Double?
        /// From the pattern to the image, in s.
        var age: Double
        var correlation: Double?
        var steps: Int
        var isLate: Bool
        var isCutShort: Bool
        var doubts: [String]
    }

    struct Trials: Codable {
        var shown: Int
        var decoded: Int
        var late: Int
        var cutShort: Int
        var dropped: Int
    }

    var program = Percept.creator
    var createdAt = Date()
    var participant: Participant
    var bundle: Bundle
    var counts: Trials
    /// Pixel correlation, identification and so on, with intervals and chance.
    var scores: [Score]
    var volumes: StatusBody.Volumes
    /// In ms, by stage.
    var latencies: [String: StatusBody.Latency]
    var faults: [String: Int]
    /// Messages of the daemon that did not reach the demo.
    var missedMessages: Int
    var replay: ReplaySummary
    var trials: [Trial]
    /// What is drawn, which JSON does not hold.
    private var pairs: [DemoTrial] = []

    private enum CodingKeys: String, CodingKey {
        case program, createdAt, participant, bundle, counts, scores, volumes, latencies, faults, missedMessages, replay
        case trials
    }

    /// Scores what came of a demo.
    init(_ data: DemoData, _ outcome: DemoSession.Outcome, visit: Int, speed: Double) throws {
        participant = Participant(
            seed: data.settings.participant,
            visit: visit,
            speed: speed,
            reachedSpeed: Double(outcome.replay.volumes) * data.settings.acquisition.repetitionTime
                / max(outcome.replay.seconds, 1e-9),
            repetitionTime: data.settings.acquisition.repetitionTime,
            settings: Dictionary(data.settings.effective.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        )
        bundle = Bundle(
            name: data.bundle.lastPathComponent,
            weightsHash: data.manifest.weightsHash,
            provenance: data.manifest.provenance
        )
        let status = outcome.status
        pairs = outcome.trials.sorted { $0.body.trial < $1.body.trial }
        counts = Trials(
            shown: data.shown.count,
            decoded: pairs.count,
            late: status.trials.late,
            cutShort: status.trials.cutShort,
            dropped: status.trials.dropped
        )
        scores = try Self.scores(pairs)
        (volumes, latencies, faults) = (status.volumes, status.latencies, status.faultCounts)
        (missedMessages, replay) = (outcome.missed, outcome.replay)
        trials = pairs.map { trial in
            Trial(
                trial: trial.body.trial,
                stimulus: trial.body.stimulusFile ?? "",
                category: trial.body.trialType,
                onset: trial.body.onset,
                age: trial.body.age,
                correlation: trial.correlation,
                steps: trial.body.steps,
                isLate: trial.body.isLate,
                isCutShort: trial.body.isCutShort,
                doubts: trial.body.doubts
            )
        }
    }

    /// Correlation and identification among the images whose trials were decoded; nothing for fewer than two.
    private static func scores(_ trials: [DemoTrial]) throws -> [Score] {
        guard trials.count >= 2 else { return [] }
        let items = EvaluationItems(
            names: trials.map { "trial \($0.body.trial)" },
            originals: trials.map(\.seen)
        )
        let made = Reconstructions(
            identifier: "decoder",
            title: "Decoder",
            isSubject: true,
            samples: [trials.map { FloatImage($0.made) }]
        )
        return try Evaluator(items: items).evaluate([made]).subject?.scores ?? []
    }

    /// Whether volumes came more slowly than asked for, because the machine could not simulate them in time.
    var isSlow: Bool { participant.reachedSpeed < 0.95 * participant.speed }

    /// The score in a quantity.
    subscript(quantity: Quantity) -> Score? { scores.first { $0.quantity == quantity } }

    /// Writes `demo.json` and the contact sheet.
    func write(to folder: DemoFolder) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        do {
            try encoder.encode(self).write(to: folder.record, options: .atomic)
        } catch {
            throw CommandFailure(.cannotCreate, "\(folder.record.path): cannot be written: \(error)")
        }
        guard !pairs.isEmpty else { return }
        let sheet = PairSheet(
            heading: DemoText.heading(self),
            pairs: pairs.map { PairSheet.Pair(seen: $0.seen, made: $0.made, caption: DemoText.caption($0)) }
        )
        try PNG.write(sheet.image(columns: 6), to: folder.sheet)
    }
}
