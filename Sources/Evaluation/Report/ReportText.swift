import Foundation

/// The sentences of a report that follow from its numbers.
struct ReportText {
    let report: EvaluationReport

    /// What was found, in a few sentences.
    var summary: [String] {
        guard let subject = report.evaluation.subject else { return [] }
        var sentences: [String] = []
        for quantity in [Quantity.correlation, .identification] {
            guard let score = subject[quantity] else { continue }
            sentences.append(sentence(subject, score))
        }
        let baselines = report.evaluation.methods.filter { !$0.isSubject }
        let best = baselines.filter { $0[.correlation] != nil }.max {
            ($0[.correlation]?.value ?? 0) < ($1[.correlation]?.value ?? 0)
        }
        if let best { sentences += comparison(with: best) }
        if let distance = report.frechetDistance {
            let value = String(format: "%.4g", distance)
            sentences.append(
                "The Fréchet distance of the features given for reconstructions and originals is \(value)."
            )
        }
        return sentences
    }

    /// Samplers and steps beside each other.
    var samplerTable: [String] {
        guard let rows = report.samplers, let reference = rows.first else { return [] }
        let quantities = [Quantity.correlation, .identification]
        let heading = "sampler    steps  ms/image" + quantities.map { "  \(Self.padded($0.title, 28))" }.joined()
        return [heading]
            + rows.map { row in
                let start = [
                    row.sampler.padding(toLength: 9, withPad: " ", startingAt: 0), Self.padded("\(row.steps)", 5),
                    Self.padded(String(format: "%.1f", 1000 * row.secondsPerImage), 8),
                ]
                let values = quantities.map { quantity in
                    let value = row[quantity].map { ReportNumber.text($0.value, quantity) } ?? "–"
                    let change = row.change(from: reference, in: quantity).map { " (\(ReportNumber.percent($0)))" }
                    return Self.padded(value + (change ?? ""), 28)
                }
                return (start + values).joined(separator: "  ")
            }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func sentence(_ method: MethodScores, _ score: Score) -> String {
        let value = ReportNumber.text(score.value, score.quantity)
        var text = "\(method.title): \(Self.lowered(score.quantity.title)) \(value)"
        if let interval = score.interval {
            text += " (95 % interval \(ReportNumber.text(interval, score.quantity)))"
        }
        if let chance = score.chance { text += ", where chance gives \(ReportNumber.text(chance, score.quantity))" }
        return text + "."
    }

    private func comparison(with best: MethodScores) -> [String] {
        [Quantity.correlation, .squaredError].compactMap { quantity in
            let found = report.evaluation.comparisons.first {
                $0.baseline == best.identifier && $0.quantity == quantity
            }
            guard let found else { return nil }
            let difference = ReportNumber.text(found.difference, quantity, signed: true)
            let interval = found.interval.map { " (95 % interval \(ReportNumber.text($0, quantity, signed: true)))" }
            let probability = "p \(Self.equals(ReportNumber.probability(found.probability)))"
            return "Against the best baseline, \(Self.lowered(best.title)), the difference in "
                + "\(Self.lowered(quantity.title)) is \(difference)\(interval ?? ""), \(probability): \(verdict(found))."
        }
    }

    /// Whether a difference is more than the choice of items explains.
    private func verdict(_ comparison: Comparison) -> String {
        let isBetter =
            comparison.quantity.better == .larger ? comparison.difference > 0 : comparison.difference < 0
        guard comparison.probability < 0.05 else { return "not more than the choice of items explains" }
        return isBetter ? "better than the baseline" : "worse than the baseline"
    }

    private static func equals(_ text: String) -> String { text.hasPrefix("<") ? text : "= " + text }

    private static func lowered(_ text: String) -> String {
        text.prefix(1).lowercased() + text.dropFirst()
    }
}
