import Foundation
import Images
import Plotting

/// What was measured during a phase.
struct TrainingHistory: Codable, Equatable {
    /// One value at one time.
    struct Point: Codable, Equatable {
        /// The fractional epoch.
        var epoch: Double
        /// The value.
        var value: Double
    }

    /// The means over a stretch of steps, by name.
    var training: [String: [Point]] = [:]
    /// The validations.
    var validation: [Point] = []

    /// The names of the training values, the loss first.
    var names: [String] { training.keys.sorted { $0 == "loss" || ($1 != "loss" && $0 < $1) } }

    /// A table: epoch, name, value.
    var csv: String {
        var lines = ["epoch,name,value"]
        for name in names { lines += training[name, default: []].map { "\($0.epoch),\(name),\($0.value)" } }
        lines += validation.map { "\($0.epoch),validation,\($0.value)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The loss and the other values over the epochs.
    func chart(title: String) -> LineChart? {
        let panels = names.prefix(6).compactMap { name -> LineChart.Panel? in
            let points = training[name, default: []].filter { $0.value.isFinite }
            guard points.count > 1 else { return nil }
            var series = [LineChart.Series("training", x: points.map(\.epoch), points.map(\.value))]
            if name == "loss", validation.count > 1 {
                series.append(.init("validation", x: validation.map(\.epoch), validation.map(\.value)))
            }
            return LineChart.Panel(title: name, yLabel: name, series: series)
        }
        guard !panels.isEmpty else { return nil }
        return LineChart(title: title, xLabel: "epoch", panels: panels)
    }

    /// Writes `history.csv` and `loss.png`.
    func write(to folder: URL, title: String) throws {
        try Data(csv.utf8).write(to: folder.appendingPathComponent("history.csv"), options: .atomic)
        if let chart = chart(title: title) {
            try PNG.write(chart.render(), to: folder.appendingPathComponent("loss.png"))
        }
    }
}
