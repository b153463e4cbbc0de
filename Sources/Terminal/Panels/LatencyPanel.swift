import WireFormat

/// How long each stage takes, against the time from volume to volume.
enum LatencyPanel {
    static let demand = RowDemand(least: 4, enough: 14, most: 18)
    /// Stages that are the sum of others come first.
    private static let totals = ["pattern", "volume", "image"]
    private static let field = 6

    static func canvas(_ state: WatchState, width: Int, height: Int) -> Canvas {
        let repetition = state.repetitionTime
        let note = repetition.map { "bar: TR \(Format.number($0, 2)) s" } ?? ""
        var canvas = Panel.titled("Latency (ms)", note, width: width, height: height)
        guard let status = state.status, !status.latencies.isEmpty else {
            canvas.write("nothing measured yet", row: 1, style: .faint)
            return canvas
        }
        let nameWidth = min(14, max(8, width - 4 * field - 8))
        var row = 1
        if height >= 5 {
            let names = ["median", "p90", "p99", "max"].map { Panel.padded($0, field) }.joined()
            canvas.write(names, row: row, column: nameWidth, style: .faint)
            row += 1
        }
        let stages = ordered(status.latencies)
        let queueRows = height - row > stages.count ? 1 : 0
        for (name, latency) in stages.prefix(max(0, height - row - queueRows)) {
            canvas.write(name, row: row, before: nameWidth - 1)
            let numbers = [latency.median, latency.p90, latency.p99, latency.max]
            canvas.write(numbers.map { Panel.padded(number($0), field) }.joined(), row: row, column: nameWidth)
            if let repetition {
                let start = nameWidth + 4 * field + 1
                bar(latency, repetition * 1000, on: &canvas, row: row, columns: start..<max(start, width))
            }
            row += 1
        }
        if queueRows > 0 { Panel.flow(queues(status.queues), on: &canvas, rows: row..<height) }
        return canvas
    }

    static func ordered(_ latencies: [String: StatusBody.Latency]) -> [(name: String, latency: StatusBody.Latency)] {
        let rank = { (name: String) in totals.firstIndex(of: name) ?? totals.count }
        return latencies.map { (name: $0.key, latency: $0.value) }.sorted {
            (rank($0.name), -$0.latency.median, $0.name) < (rank($1.name), -$1.latency.median, $1.name)
        }
    }

    /// At most five characters.
    private static func number(_ value: Double) -> String {
        abs(value) < 99_999 ? Format.milliseconds(value) : "\(Format.number(value / 1000, 0))s"
    }

    /// Full to the median, shaded to the 99th percentile; in the colour of alarm where that is beyond the end.
    private static func bar(
        _ latency: StatusBody.Latency,
        _ whole: Double,
        on canvas: inout Canvas,
        row: Int,
        columns: Range<Int>
    ) {
        guard whole > 0, !columns.isEmpty else { return }
        let eighths = { (value: Double) in
            Int((min(1, max(0, value / whole)) * Double(columns.count * 8)).rounded(.up))
        }
        let (median, most) = (eighths(latency.median), eighths(latency.p99))
        let style = Style(latency.p99 > whole ? .alarm : .measure)
        for (place, column) in columns.enumerated() {
            let part = min(8, max(0, median - place * 8))
            let symbol = part > 0 ? blocks[part] : most >= place * 8 + 8 ? "▒" : "·"
            canvas.set(symbol, row: row, column: column, style: symbol == "·" ? .faint : style)
        }
    }

    private static let blocks = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]

    /// How many wait, and in brackets the most that ever did.
    private static func queues(_ queues: [String: StatusBody.Queue]) -> [Panel.Part] {
        [Panel.Part("queues", .faint)]
            + queues.sorted { $0.key < $1.key }.map { name, queue in
                let text = "\(name) \(queue.waiting) (\(queue.highWater))"
                guard queue.dropped > 0 else { return Panel.Part(text) }
                return Panel.Part("\(text) dropped \(queue.dropped)", Style(.alarm, bold: true))
            }
    }
}
