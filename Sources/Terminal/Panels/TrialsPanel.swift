/// The latest trials, the newest first.
enum TrialsPanel {
    static let demand = RowDemand(least: 2, enough: 9, most: 1000)

    static func canvas(_ state: WatchState, width: Int, height: Int) -> Canvas {
        var canvas = Panel.titled("Trials", note(state), width: width, height: height)
        if state.trials.isEmpty { canvas.write("no trial yet", row: 1, style: .faint) }
        var row = 1
        for trial in state.trials.reversed() {
            guard row < height else { break }
            let end = Panel.right(outcome(trial), on: &canvas, row: row) - 1
            let onset = trial.onset.map { Format.number($0, 1) + " s" } ?? ""
            let number = Panel.padded("\(trial.number)", 4)
            let column = canvas.write("\(number) \(Panel.padded(onset, 8))  ", row: row, before: end)
            let what = [trial.trialType, trial.stimulusFile.map(Format.fileName)].compactMap { $0 }
            canvas.write(what.joined(separator: " "), row: row, column: column, before: end)
            row += 1
            // Why a trial is doubtful is told where that does not hide other trials.
            if !trial.doubts.isEmpty, height > 6, row < height {
                canvas.write(trial.doubts.joined(separator: "; "), row: row, column: 15, style: Style(.doubt))
                row += 1
            }
        }
        return canvas
    }

    private static func note(_ state: WatchState) -> String {
        guard let trials = state.status?.trials else { return "" }
        var text = "\(trials.patterns) patterns, \(trials.decoded) images"
        if trials.late > 0 { text += ", \(trials.late) late" }
        if trials.dropped > 0 { text += ", \(trials.dropped) dropped" }
        return text
    }

    /// What became of a trial.
    static func outcome(_ trial: WatchedTrial) -> [Panel.Part] {
        var parts: [Panel.Part] = []
        if let image = trial.image {
            if let agreement = image.agreement {
                parts.append(Panel.Part("≈\(Format.number(agreement, 2))", .faint))
            }
            if trial.isPreview { parts.append(Panel.Part("preview", Style(.measure))) }
            if image.isLate { parts.append(Panel.Part("late", Style(.alarm))) }
            if image.isCutShort { parts.append(Panel.Part("cut", Style(.doubt))) }
            let isWhole = !trial.isPreview && !image.isCutShort
            parts.append(Panel.Part("\(image.steps)/\(image.plannedSteps)", Style(isWhole ? .good : .doubt)))
        } else if trial.hasPattern {
            parts.append(Panel.Part("pattern", .faint))
        }
        if !trial.doubts.isEmpty { parts.append(Panel.Part("!\(trial.doubts.count)", Style(.doubt, bold: true))) }
        return parts
    }
}
