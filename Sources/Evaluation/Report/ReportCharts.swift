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

    private static func range(_ interval: Interval) -> ClosedRange<Double>? {
        interval.lower <= interval.upper ? interval.lower...interval.upper : nil
    }
}
