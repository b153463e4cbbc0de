/// The whole view of a session.
public enum WatchView {
    /// The smallest screen with a view.
    public static let smallest = (width: 40, height: 10)
    /// From this width on the image stands beside the numbers.
    private static let twoColumns = 72

    /// Draws what is known at a time on the clock of the state.
    public static func canvas(
        _ state: WatchState,
        width: Int,
        height: Int,
        at time: Double,
        as rendering: BlockImage.Rendering
    ) -> Canvas {
        var canvas = Canvas(width: width, height: height)
        guard width >= smallest.width, height >= smallest.height else {
            canvas.write("needs \(smallest.width)×\(smallest.height), has \(width)×\(height); q quits", row: 0)
            return canvas
        }
        canvas.draw(HeaderPanel.canvas(state, width: width, at: time), row: 0, column: 0)
        let rows = height - HeaderPanel.height - 1
        if width >= twoColumns {
            let left = min(72, max(min(44, width - 31), width * 45 / 100))
            stack(volumes(state) + trials(state), on: &canvas, width: left, rows: rows)
            let image = ImagePanel.canvas(state, width: width - left - 1, height: rows, at: time, as: rendering)
            canvas.draw(image, row: HeaderPanel.height, column: left + 1)
        } else {
            let image = Item(demand: ImagePanel.demand) {
                ImagePanel.canvas(state, width: $0, height: $1, at: time, as: rendering)
            }
            stack(volumes(state) + [image] + trials(state), on: &canvas, width: width, rows: rows)
        }
        footer(state, on: &canvas)
        return canvas
    }

    /// A panel and the rows that it wants.
    private struct Item {
        var demand: RowDemand
        var draw: (_ width: Int, _ height: Int) -> Canvas
    }

    private static func volumes(_ state: WatchState) -> [Item] {
        [
            Item(demand: MotionPanel.demand) { MotionPanel.canvas(state, width: $0, height: $1) },
            Item(demand: QualityPanel.demand) { QualityPanel.canvas(state, width: $0, height: $1) },
        ]
    }

    private static func trials(_ state: WatchState) -> [Item] {
        [
            Item(demand: TrialsPanel.demand) { TrialsPanel.canvas(state, width: $0, height: $1) },
            Item(demand: LatencyPanel.demand) { LatencyPanel.canvas(state, width: $0, height: $1) },
        ]
    }

    private static func stack(_ items: [Item], on canvas: inout Canvas, width: Int, rows: Int) {
        var row = HeaderPanel.height
        for (item, share) in zip(items, RowDemand.shares(of: rows, items.map(\.demand))) where share > 0 {
            canvas.draw(item.draw(width, share), row: row, column: 0)
            row += share
        }
    }

    private static func footer(_ state: WatchState, on canvas: inout Canvas) {
        let row = canvas.height - 1
        let link = state.link
        var parts = [Panel.Part("q quits", .faint), Panel.Part("messages \(link.received)", .faint)]
        for (name, count) in [("missed", link.missed), ("not shown", link.dropped), ("unreadable", link.refused)] {
            if count > 0 { parts.append(Panel.Part("\(name) \(count)", Style(.alarm, bold: true))) }
        }
        var column = 0
        for part in parts { column = canvas.write(part.text, row: row, column: column, style: part.style) + 2 }
        if let fault = state.lastFault, !fault.isGood {
            canvas.write(fault.text, row: row, column: column, style: Style(.doubt))
        } else if let queues = state.status?.queues, !queues.isEmpty {
            let text = queues.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.waiting)" }.joined(separator: "  ")
            canvas.writeRight(DisplayText.cut("waiting: \(text)", to: canvas.width - column), row: row, style: .faint)
        }
    }
}
