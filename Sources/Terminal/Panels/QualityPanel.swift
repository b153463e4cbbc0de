import WireFormat

/// How good volumes are, and what became of them.
enum QualityPanel {
    static let demand = RowDemand(least: 3, enough: 6, most: 8)

    static func canvas(_ state: WatchState, width: Int, height: Int) -> Canvas {
        let volumes = state.volumes
        var canvas = Panel.titled("Quality", width: width, height: height)
        numbers(volumes.quality, state.settings.dvarsThreshold, on: &canvas)
        // Rows below: the chart from 5 rows on, flags from 4 on, and a second row of counts from 6 on.
        let countRows = height >= 6 ? 2 : 1
        let flagRows = height >= 4 ? 1 : 0
        let chartRows = max(0, height - 2 - countRows - flagRows)
        let threshold = state.settings.dvarsThreshold
        let chart = Sparkline(
            volumes.dvars.map { ($0.index, $0.value) },
            span: MotionPanel.span,
            width: width,
            threshold: threshold
        )
        canvas.draw(chart.canvas(rows: chartRows, threshold: threshold), row: 2, column: 0)
        let start = 2 + chartRows
        if let status = state.status {
            Panel.flow(counts(status.volumes), on: &canvas, rows: start..<start + countRows)
        }
        if flagRows > 0 { flags(volumes.remarks, on: &canvas, row: height - 1) }
        return canvas
    }

    private static func numbers(_ quality: QualityBody?, _ threshold: Double, on canvas: inout Canvas) {
        guard let quality else { return }
        let dvars = quality.dvars.map { Format.number($0, 2) + " %" } ?? "–"
        let signal = quality.temporalSignalToNoise.map { Format.number($0, 1) } ?? "–"
        var parts = [
            Panel.Part("DVARS \(dvars)", quality.dvars ?? 0 > threshold ? Style(.alarm, bold: true) : .plain),
            Panel.Part("tSNR \(signal)"),
            Panel.Part("spikes \(quality.spikes)"),
        ]
        if !quality.isUsable { parts.append(Panel.Part("not used", Style(.alarm, bold: true))) }
        Panel.flow(parts, on: &canvas, rows: 1..<2)
    }

    /// The counts; those that should be zero and are not come first, those that are last.
    static func counts(_ volumes: StatusBody.Volumes) -> [Panel.Part] {
        let wanted = [
            ("received", volumes.received), ("processed", volumes.processed), ("recorded", volumes.recorded),
        ]
        let unwanted = [
            ("missing", volumes.missing), ("late", volumes.late), ("dropped", volumes.dropped),
            ("refused", volumes.refused), ("duplicate", volumes.duplicate),
        ]
        return unwanted.filter { $0.1 > 0 }.map { Panel.Part("\($0) \($1)", Style(.alarm, bold: true)) }
            + wanted.map { Panel.Part("\($0) \($1)") }
            + unwanted.filter { $0.1 <= 0 }.map { Panel.Part("\($0) \($1)", .faint) }
    }

    private static func flags(_ remarks: [VolumeHistory.Remark], on canvas: inout Canvas, row: Int) {
        guard !remarks.isEmpty else {
            canvas.write("no flags", row: row, style: .faint)
            return
        }
        let text = remarks.suffix(8).reversed().map { "\($0.index) \($0.flags.joined(separator: "+"))" }.joined(
            separator: ", "
        )
        let column = canvas.write("flags ", row: row, style: .faint)
        canvas.write(text, row: row, column: column, style: Style(.doubt))
    }
}
