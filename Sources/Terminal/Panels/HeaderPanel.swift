import WireFormat

/// What session this is and how the daemon is, in three rows.
enum HeaderPanel {
    static let height = 3

    static func canvas(_ state: WatchState, width: Int, at time: Double) -> Canvas {
        var canvas = Canvas(width: width, height: height)
        names(state, on: &canvas)
        progress(state, on: &canvas)
        health(state, on: &canvas, at: time)
        return canvas
    }

    private static func names(_ state: WatchState, on canvas: inout Canvas) {
        let isRunning = state.status?.state == "running"
        let right = state.status.map { [Panel.Part($0.state, Style(isRunning ? .good : .doubt, bold: true))] } ?? []
        let end = Panel.right(right, on: &canvas, row: 0)
        let column = canvas.write("percept watch", row: 0, style: Style(.measure, bold: true))
        let name = [state.session, state.run].compactMap { $0 }.joined(separator: " / ")
        let text = name.isEmpty ? "waiting for \(state.settings.address)" : name
        canvas.write(text, row: 0, column: column + 2, style: Style(bold: true), before: end - 1)
    }

    private static func progress(_ state: WatchState, on canvas: inout Canvas) {
        let source = state.status?.source ?? ""
        let count = (state.lastVolume ?? -1) + 1
        let planned = state.plannedVolumes.map { " of \($0)" } ?? ""
        var text = state.lastVolume == nil ? "no volume yet" : "\(count)\(planned) volumes"
        if let ending = state.ending { text += ", run over: \(ending)" }
        let column = canvas.write(text, row: 1) + 2
        let sourceWidth = DisplayText.width(source)
        let room = canvas.width - column - sourceWidth - 2
        if let planned = state.plannedVolumes, planned > 0, room >= 6, state.ending == nil {
            let length = min(room, 40)
            let done = min(length, count * length / planned)
            for place in 0..<length {
                let style = place < done ? Style(.good) : .faint
                canvas.set(place < done ? "━" : "─", row: 1, column: column + place, style: style)
            }
        }
        if room >= 0 {
            canvas.writeRight(source, row: 1, style: .faint)
        } else {
            canvas.write(source, row: 1, column: column, style: .faint)
        }
    }

    private static func health(_ state: WatchState, on canvas: inout Canvas, at time: Double) {
        let end = Panel.right([news(state, at: time)], on: &canvas, row: 2)
        guard let status = state.status else { return }
        var parts = [recording(status.recording, state)]
        if status.faults > 0 { parts.append(Panel.Part("faults \(status.faults)", Style(.doubt))) }
        if let bundle = status.bundle { parts.append(Panel.Part("bundle \(bundle.prefix(8))", .faint)) }
        var column = 0
        for part in parts {
            column = canvas.write(part.text, row: 2, column: column, style: part.style, before: end - 1) + 2
        }
    }

    private static func news(_ state: WatchState, at time: Double) -> Panel.Part {
        if let silence = state.silence(at: time) { return Panel.Part("NO NEWS FOR \(Format.age(silence))", .loud) }
        guard let statusAt = state.statusAt else { return Panel.Part("no status yet", Style(.doubt)) }
        let age = time - statusAt
        let text = "status \(Format.age(age)) ago"
        return age >= state.settings.patience ? Panel.Part(text, .loud) : Panel.Part(text, .faint)
    }

    private static func recording(_ recording: StatusBody.Recording, _ state: WatchState) -> Panel.Part {
        let detail = recording.detail.map { ": \($0)" } ?? ""
        switch recording.state {
        case "on":
            let free = recording.freeBytes.map { ", \(Format.bytes($0)) free" } ?? ""
            let safe = state.recorded.map { ", \($0.arrivals) safe" } ?? ""
            return Panel.Part("recording\(safe)\(free)", Style(.good))
        case "off": return Panel.Part("recording off\(detail)", Style(.doubt))
        default: return Panel.Part("RECORDING \(recording.state.uppercased())\(detail)", .loud)
        }
    }
}
