import Images
import Plotting

/// The charts of a report.
struct ReportCharts {
    let report: EvaluationReport

    /// All methods in all quantities, with their intervals and what chance gives.
    func intervals() -> Image8 {
        let methods = report.evaluation.methods
        let panels = report.quantities.map { quantity in
            IntervalChart.Panel(
                title: quantity.title + (quantity.better == .smaller ? " (less is better)" : ""),
                marks: methods.map { method in
                    method[quantity].map { score in
                        IntervalChart.Mark(score.value, score.interval.flatMap(Self.range))
                    }
                },
                reference: report.evaluation.subject?[quantity]?.chance
            )
        }
        return IntervalChart(
            labels: methods.map(\.title),
            panels: panels,
            referenceName: "chance",
            columns: 2,
            width: 1500
        ).render()
    }

    /// What the subject reaches with its own originals, beside what it reaches with originals in random order.
    func shuffled() -> Image8? {
        guard let score = report.evaluation.subject?[.correlation],
            !report.evaluation.shuffledCorrelations.isEmpty
        else { return nil }
        return Histogram(
            values: report.evaluation.shuffledCorrelations,
            xLabel: "Mean pixel correlation over \(report.items.count) items",
            name: "originals in random order",
            markers: [LineChart.Threshold("own originals", score.value)],
            width: 1500,
            height: 280
        ).render()
    }

    /// Correlation and identification of every sampler over its steps; nil if samplers were not compared.
    func samplers() -> Image8? {
        guard let rows = report.samplers, !rows.isEmpty else { return nil }
        var names: [String] = []
        for row in rows where !names.contains(row.sampler) { names.append(row.sampler) }
        let panels = [Quantity.correlation, .identification].map { quantity in
            LineChart.Panel(
                title: quantity.title,
                series: names.map { name in
                    let points = rows.filter { $0.sampler == name }.sorted { $0.steps < $1.steps }
                    return LineChart.Series(
                        name,
                        x: points.map { Double($0.steps) },
                        points.map { $0[quantity]?.value ?? .nan }
                    )
                }
            )
        }
        return LineChart(xLabel: "sampler steps", isXLogarithmic: true, panels: panels, width: 1500).render()
    }

    private static func range(_ interval: Interval) -> ClosedRange<Double>? {
        interval.lower <= interval.upper ? interval.lower...interval.upper : nil
    }
}
