/// The head's position now, and how much it moved from volume to volume.
enum MotionPanel {
    static let demand = RowDemand(least: 3, enough: 6, most: 7)
    /// The volumes that a chart shows.
    static let span = 120

    static func canvas(_ state: WatchState, width: Int, height: Int) -> Canvas {
        let volumes = state.volumes
        let note = volumes.motion.map { "volume \($0.index)" } ?? ""
        var canvas = Panel.titled("Motion", note, width: width, height: height)
        guard let motion = volumes.motion else {
            canvas.write("no volume yet", row: 1, style: .faint)
            return canvas
        }
        var row = 1
        if height >= 5 {
            let named = { (values: [Double]) in
                let parts = zip(["x", "y", "z"], values).map { "\($0) \(Panel.padded(Format.signed($1, 2), 6))" }
                return parts.joined(separator: "  ")
            }
            canvas.write("moved   \(named(motion.translation)) mm", row: 1)
            canvas.write("turned  \(named(motion.rotation.map { $0 * 180 / .pi })) °", row: 2)
            row = 3
        }
        let threshold = state.settings.displacementThreshold
        let chart = Sparkline(
            volumes.displacements.map { ($0.index, $0.value) },
            span: span,
            width: width,
            threshold: threshold
        )
        canvas.draw(chart.canvas(rows: max(0, height - 1 - row), threshold: threshold), row: row, column: 0)
        Panel.flow(summary(state, motion.framewiseDisplacement), on: &canvas, rows: height - 1..<height)
        if motion.verdict != "converged" {
            canvas.writeRight(" \(motion.verdict) ", row: 0, before: width - 1, style: Style(.doubt, bold: true))
        }
        return canvas
    }

    private static func summary(_ state: WatchState, _ displacement: Double) -> [Panel.Part] {
        let threshold = state.settings.displacementThreshold
        let style = { (value: Double) in value > threshold ? Style(.alarm, bold: true) : .plain }
        var parts = [Panel.Part("FD \(Format.number(displacement, 2)) mm", style(displacement))]
        if let largest = state.volumes.largest {
            parts.append(
                Panel.Part("most \(Format.number(largest.value, 2)) at \(largest.index)", style(largest.value))
            )
        }
        parts.append(Panel.Part("limit \(Format.number(threshold, 2))", .faint))
        return parts
    }
}
