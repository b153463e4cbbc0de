import Images

/// Draws charts.
struct ChartRenderer {
    private let chart: LineChart
    private let layout: ChartLayout

    init(_ chart: LineChart) {
        self.chart = chart
        layout = ChartLayout(chart)
    }

    func image() -> Image8 {
        var canvas = Canvas(width: layout.width, height: layout.height)
        let room = layout.width - 2 * LegendEntry.gap
        if !chart.title.isEmpty {
            let title = Canvas.shortened(chart.title, room, scale: 3)
            canvas.text(title, left: (layout.width - Canvas.width(title, scale: 3)) / 2, top: 10, scale: 3)
        }
        for (index, panel) in layout.panels.enumerated() {
            // A chart without panels is drawn as one empty panel.
            let content = index < chart.panels.count ? chart.panels[index] : LineChart.Panel(series: [])
            draw(content, panel, on: &canvas)
        }
        drawAxis(on: &canvas)
        return canvas.image
    }

    private func draw(_ content: LineChart.Panel, _ panel: PanelLayout, on canvas: inout Canvas) {
        guard panel.plot.width > 2, panel.plot.height > 2 else { return }
        drawGrid(panel, on: &canvas)
        for marks in chart.marks {
            for position in marks.positions {
                guard let x = horizontal(position, panel.plot) else { continue }
                let band = PixelRectangle(
                    left: Int((x - bandWidth / 2).rounded()),
                    top: panel.plot.top,
                    right: Int((x + bandWidth / 2).rounded()),
                    bottom: panel.plot.bottom
                )
                canvas.fill(band.intersection(panel.plot), marks.colour, opacity: 0.18)
            }
        }
        for threshold in content.thresholds {
            guard let y = vertical(threshold.value, panel), y >= Double(panel.plot.top), y <= Double(panel.plot.bottom)
            else { continue }
            canvas.dashes(from: panel.plot.left, to: panel.plot.right, y: Int(y), threshold.colour)
        }
        for (index, series) in content.series.enumerated() {
            var stroke = Stroke(in: panel.plot, width: 2)
            trace(series, panel, into: &stroke)
            stroke.draw(on: &canvas, ChartLayout.colour(series, index))
        }
        canvas.outline(panel.plot, .frame)
        drawHeader(content, panel, on: &canvas)
    }

    /// A flagged volume takes the width of a volume, at least 3 pixels, if volumes are 1 apart.
    private var bandWidth: Double {
        let span = layout.xAxis.upper - layout.xAxis.lower
        let width = Double(layout.panels.first?.plot.width ?? 0)
        return min(max(3, width / max(span, 1)), 24)
    }

    private func drawGrid(_ panel: PanelLayout, on canvas: inout Canvas) {
        let plot = panel.plot
        for tick in layout.xTicks {
            guard let x = horizontal(tick.value, plot) else { continue }
            canvas.fill(PixelRectangle(left: Int(x), top: plot.top, right: Int(x) + 1, bottom: plot.bottom), .grid)
        }
        for tick in panel.yTicks {
            guard let y = vertical(tick.value, panel) else { continue }
            let line = PixelRectangle(left: plot.left, top: Int(y), right: plot.right, bottom: Int(y) + 1)
            canvas.fill(line.intersection(plot), .grid)
            canvas.fill(PixelRectangle(left: plot.left - 5, top: Int(y), right: plot.left, bottom: Int(y) + 1), .frame)
            let left = plot.left - 9 - Canvas.width(tick.label)
            canvas.text(tick.label, left: left, top: Int(y) - Canvas.height() / 2)
        }
    }

    private func drawHeader(_ content: LineChart.Panel, _ panel: PanelLayout, on canvas: inout Canvas) {
        let top = panel.headerTop + 4
        canvas.text(Canvas.shortened(content.title, panel.plot.width), left: panel.plot.left, top: top)
        for (index, line) in panel.legend.enumerated() {
            let gaps = max(0, line.count - 1) * LegendEntry.gap
            var left = panel.plot.right - line.map(\.width).reduce(0, +) - gaps
            for entry in line {
                drawSample(entry, left: left, middle: top + index * ChartLayout.lineHeight + 7, on: &canvas)
                let text = left + LegendEntry.sampleWidth
                let name = Canvas.shortened(entry.name, layout.width - text)
                canvas.text(name, left: text, top: top + index * ChartLayout.lineHeight)
                left += entry.width + LegendEntry.gap
            }
        }
        let label = Canvas.shortened(content.yLabel, panel.plot.height + ChartLayout.lineHeight)
        let middle = (panel.plot.top + panel.plot.bottom + Canvas.width(label)) / 2
        canvas.verticalText(label, left: 10, bottom: middle)
    }

    private func drawSample(_ entry: LegendEntry, left: Int, middle: Int, on canvas: inout Canvas) {
        let right = left + LegendEntry.sampleWidth - 10
        switch entry.sample {
        case .line:
            canvas.fill(PixelRectangle(left: left, top: middle - 2, right: right, bottom: middle + 2), entry.colour)
        case .dashes:
            canvas.dashes(from: left, to: right, y: middle, entry.colour)
        case .band:
            let band = PixelRectangle(left: left, top: middle - 7, right: right, bottom: middle + 7)
            canvas.fill(band, entry.colour, opacity: 0.25)
        }
    }

    private func drawAxis(on canvas: inout Canvas) {
        guard let plot = layout.panels.last?.plot else { return }
        for tick in layout.xTicks {
            guard let x = horizontal(tick.value, plot) else { continue }
            canvas.fill(
                PixelRectangle(left: Int(x), top: plot.bottom, right: Int(x) + 1, bottom: plot.bottom + 5),
                .frame
            )
            let width = Canvas.width(tick.label)
            let left = min(max(0, Int(x) - width / 2), layout.width - width)
            canvas.text(tick.label, left: left, top: plot.bottom + 9)
        }
        let label = Canvas.shortened(chart.xLabel, layout.width)
        let left = (plot.left + plot.right - Canvas.width(label)) / 2
        canvas.text(label, left: max(0, left), top: layout.height - Canvas.height() - 10)
    }

    /// Adds the line of a series; a value between two gaps becomes a dot.
    private func trace(_ series: LineChart.Series, _ panel: PanelLayout, into stroke: inout Stroke) {
        var thinning = Thinning()
        var previous: PixelPoint?
        var isAlone = false
        let add = { (point: PixelPoint?, stroke: inout Stroke) in
            if let point, let last = previous {
                stroke.line(last, point)
                isAlone = false
            } else {
                if let last = previous, isAlone { stroke.dot(last, radius: 2.5) }
                isAlone = point != nil
            }
            previous = point
        }
        for index in 0..<series.count {
            let point = horizontal(series.x(index), panel.plot).flatMap { x in
                vertical(series.values[index], panel).map { PixelPoint(x: x, y: $0) }
            }
            for kept in thinning.add(point) { add(kept, &stroke) }
        }
        for kept in thinning.finish() { add(kept, &stroke) }
        add(nil, &stroke)
    }

    private func horizontal(_ value: Double, _ plot: PixelRectangle) -> Double? {
        layout.xAxis.position(value).map { Self.pixel($0, Double(plot.left) + 3, Double(plot.right) - 3) }
    }

    private func vertical(_ value: Double, _ panel: PanelLayout) -> Double? {
        panel.yAxis.position(value).map {
            Self.pixel($0, Double(panel.plot.bottom) - 1.5, Double(panel.plot.top) + 1.5)
        }
    }

    /// A place between two pixels; places far outside are brought near, so that every pixel fits in an integer.
    private static func pixel(_ position: Double, _ first: Double, _ last: Double) -> Double {
        min(max(first + (last - first) * position, -1e6), 1e6)
    }
}
