import Evaluation
import Foundation
import WireFormat

/// A demo in words.
enum DemoText {
    /// What is to be seen, before it begins.
    static func introduction(_ data: DemoData, speed: Double) -> [String] {
        let acquisition = data.settings.acquisition
        let length = data.settings.stimuli
        let seconds = length.leadIn + Double(data.shown.count) * length.interval + length.leadOut
        var lines = [
            "A SIMULATED participant (no person, no scanner) looks at \(data.shown.count) images; perceptd decodes each from",
            "the scan: \(acquisition.matrix)x\(acquisition.matrix)x\(acquisition.slices) voxels every "
                + "\(number(acquisition.repetitionTime)) s, streamed \(number(speed)) times as fast as a scanner would, "
                + "in about \(number((seconds / speed).rounded())) s.",
            "Decoder \(data.bundle.lastPathComponent), made by \(data.manifest.provenance.createdBy):",
        ]
        lines += data.manifest.provenance.notes.map { "  \($0)" }
        lines += sources(data)
        if data.manifest.provenance.needsFineTuning { lines.append("  NOT TRAINED FOR DECODING: expect noise") }
        return lines + ["Left what was seen, right what was read from the scan:", ""]
    }

    /// What the decoder was made of: a few files by name, many by their number.
    private static func sources(_ data: DemoData) -> [String] {
        let parts = Dictionary(grouping: data.manifest.provenance.sources, by: \.role)
        return parts.sorted { $0.key < $1.key }.map { role, files in
            let rest = files.count > 3 ? " and \(files.count - 3) more" : ""
            return "  from \(role): \(files.prefix(3).map(\.name).joined(separator: ", "))\(rest)"
        }
    }

    /// A trial under its pictures.
    static func caption(_ trial: DemoTrial) -> String {
        let parts = [
            "\(trial.body.trial + 1)", trial.body.trialType, trial.correlation.map { String(format: "r %.2f", $0) },
            String(format: "%.2f s", trial.body.age), trial.body.isLate ? "LATE" : nil, trial.isPreview ? "CUT" : nil,
        ]
        return parts.compactMap { $0 }.joined(separator: " ")
    }

    /// A trial in a line of its own.
    static func line(_ trial: DemoTrial) -> String {
        let body = trial.body
        var line = "trial \(body.trial + 1), \(body.stimulusFile ?? "?")"
        line += trial.correlation.map { String(format: ": correlation %.2f", $0) } ?? ": no correlation"
        line += String(format: ", image %.2f s after its pattern", body.age)
        return line + (body.isLate ? ", late" : "") + (trial.isPreview ? ", cut short" : "")
    }

    /// The lines above the contact sheet, in ASCII.
    static func heading(_ record: DemoRecord) -> [String] {
        let scores = [
            record[.correlation].map { "correlation \(decimal($0.value))" },
            record[.identification].map { "pairs told apart \(percent($0.value)) (chance 50 %)" },
            record[.firstOfAll].map { "first of \(record.counts.decoded) \(percent($0.value))" },
        ].compactMap { $0 }
        return ["Seen, and decoded from a simulated scan", scores.joined(separator: ", ")]
    }

    /// What was found.
    static func summary(_ record: DemoRecord, _ folder: DemoFolder) -> [String] {
        let counts = record.counts
        var trials = "Trials: \(counts.shown) shown, \(counts.decoded) decoded"
        for (count, word) in [(counts.late, "late"), (counts.cutShort, "cut short"), (counts.dropped, "dropped")] {
            if count > 0 { trials += ", \(count) \(word)" }
        }
        let volumes = record.volumes
        var lines = [trials]
        let rows = [
            (Quantity.correlation, "Mean correlation of pixels"), (.identification, "Pair-wise identification"),
            (.firstOfAll, "Own image first of \(counts.decoded)"),
        ]
        lines += rows.compactMap { quantity, title in record[quantity].map { score(title, $0) } }
        lines.append(
            "Volumes: \(record.replay.volumes) sent, \(volumes.received) received, \(volumes.processed) processed, "
                + "\(volumes.missing + volumes.dropped) lost"
        )
        if record.missedMessages > 0 { lines.append("Messages of perceptd missed: \(record.missedMessages)") }
        lines += latencies(record)
        let pace = String(format: "%.1f", record.participant.reachedSpeed)
        lines.append(
            "The participant was simulated, and streamed \(pace) times as fast as a scanner would"
                + (record.isSlow ? " (this machine did not reach \(number(record.participant.speed)))." : ".")
        )
        lines.append("In \(folder.url.path):")
        lines.append("  \(folder.sheet.lastPathComponent)  all pairs; \(folder.record.lastPathComponent)  all numbers")
        lines.append("  reconstructions/  perceptd.yaml  perceptd.log  state/ (percept verify demo --state state)")
        return lines
    }

    private static func score(_ title: String, _ score: Score) -> String {
        let text = { (value: Double) in score.quantity.isShare ? percent(value) : decimal(value) }
        var line = "\(title): \(text(score.value))"
        if let interval = score.exactInterval ?? score.interval {
            line += " (95 % interval \(text(interval.lower)) to \(text(interval.upper)))"
        }
        if let chance = score.chance { line += ", chance \(text(chance))" }
        return line
    }

    private static func latencies(_ record: DemoRecord) -> [String] {
        guard !record.latencies.isEmpty else { return [] }
        let width = record.latencies.keys.map(\.count).max() ?? 0
        let row = { (name: String, values: [String]) in
            "  " + name.padding(toLength: width, withPad: " ", startingAt: 0)
                + values.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
        }
        return ["Latency by stage in ms:", row("", ["median", "90 %", "99 %", "most"])]
            + record.latencies.sorted { $0.value.median < $1.value.median }.map { name, value in
                row(name, [value.median, value.p90, value.p99, value.max].map { String(format: "%.1f", $0) })
            }
    }

    private static func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }

    private static func decimal(_ value: Double) -> String { String(format: "%.2f", value) }

    /// A number as short as it can be.
    private static func number(_ value: Double) -> String { String(format: "%g", value) }
}
