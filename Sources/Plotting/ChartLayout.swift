/// What stands in the legend of a panel.
struct LegendEntry: Equatable {
    /// How the legend shows what it is.
    enum Sample { case line, dashes, band }

    let name: String
    let colour: PlotColour
    let sample: Sample

    /// The width of the sample and the space after it.
    static let sampleWidth = 34
    /// The space between entries.
    static let gap = 26

    var width: Int { Self.sampleWidth + Canvas.width(name) }
}

/// Where the parts of one panel are.
struct PanelLayout: Equatable {
    /// The area of the lines, with its frame.
    var plot: PixelRectangle
    /// Where the heading and the legend begin.
    var headerTop: Int
    /// The entries of the legend, line by line.
    var legend: [[LegendEntry]]
    var yAxis: Axis
    var yTicks: [Axis.Tick]
}

/// Where the parts of a chart are.
struct ChartLayout {
    static let lineHeight = 22
    private static let margin = 14
    /// About how many pixels lie between ticks of a vertical axis.
    private static let tickDistance = 36

    let width: Int
    let height: Int
    let xAxis: Axis
    let xTicks: [Axis.Tick]
    let panels: [PanelLayout]

    init(_ chart: LineChart) {
        let shown =
            chart.panels.isEmpty ? [LineChart.Panel(series: [])] : Array(chart.panels.prefix(LineChart.panelLimit))
        width = min(max(chart.width, LineChart.widths.lowerBound), LineChart.widths.upperBound)
        let panelHeight = min(
            max(chart.panelHeight, LineChart.panelHeights.lowerBound),
            LineChart.panelHeights.upperBound
        )
        height = panelHeight * shown.count
        let axes = shown.map(Self.yAxis)
        let top = chart.title.isEmpty ? 8 : 40
        let bottom = height - (chart.xLabel.isEmpty ? 30 : 54)
        let share = Double(bottom - top) / Double(shown.count)

        // All panels begin at the same place, right of the widest labels that any number of ticks would have.
        let most = max(2, Int(share) / Self.tickDistance)
        let ticks = axes.flatMap { axis in (2...most).flatMap { axis.ticks(count: $0) } }
        let widest = ticks.map { Canvas.width($0.label) }.max() ?? 0
        let labels = shown.contains { !$0.yLabel.isEmpty } ? Self.lineHeight : 0
        let left = min(Self.margin + labels + widest + 12, width / 2)
        let right = width - Self.margin - 14

        panels = shown.indices.map { index in
            let panelTop = top + Int(share * Double(index))
            let heading = Canvas.width(shown[index].title) + (shown[index].title.isEmpty ? 0 : LegendEntry.gap)
            let legend = Self.legend(
                Self.entries(shown[index], marks: index == 0 ? chart.marks : []),
                width: right - left,
                first: right - left - heading,
                lines: max(1, Int(share) / 3 / Self.lineHeight)
            )
            let lines = max(legend.count, shown[index].title.isEmpty ? 0 : 1)
            let plot = PixelRectangle(
                left: left,
                top: panelTop + lines * Self.lineHeight + 6,
                right: right,
                bottom: top + Int(share * Double(index + 1)) - 10
            )
            return PanelLayout(
                plot: plot,
                headerTop: panelTop,
                legend: legend,
                yAxis: axes[index],
                yTicks: axes[index].ticks(count: max(2, plot.height / Self.tickDistance))
            )
        }
        xAxis = Self.xAxis(shown, chart)
        xTicks = Self.xTicks(xAxis, width: right - left)
    }

    /// Ticks whose labels do not touch.
    private static func xTicks(_ axis: Axis, width: Int) -> [Axis.Tick] {
        var count = max(2, width / 90)
        while true {
            let ticks = axis.ticks(count: count)
            let widest = ticks.map { Canvas.width($0.label) }.max() ?? 0
            if count <= 2 || ticks.count * (widest + 16) <= width { return ticks }
            count -= 1
        }
    }

    private static func xAxis(_ panels: [LineChart.Panel], _ chart: LineChart) -> Axis {
        var values: [Double] = []
        for series in panels.flatMap(\.series) {
            if let x = series.x {
                values += x.prefix(series.count)
            } else if series.count > 0 {
                values += [0, Double(series.count - 1)]
            }
        }
        return Axis(
            values + (values.isEmpty ? chart.marks.flatMap(\.positions) : []),
            isLogarithmic: chart.isXLogarithmic
        )
    }

    private static func yAxis(_ panel: LineChart.Panel) -> Axis {
        if let range = panel.yRange, range.lowerBound < range.upperBound,
            Axis.isDrawn(range.lowerBound, panel.isLogarithmic), Axis.isDrawn(range.upperBound, panel.isLogarithmic)
        {
            return Axis([range.lowerBound, range.upperBound], isLogarithmic: panel.isLogarithmic)
        }
        let values = panel.series.lazy.flatMap { $0.values.prefix($0.count) }
        return Axis(
            Array(values) + panel.thresholds.map(\.value),
            isLogarithmic: panel.isLogarithmic,
            margin: 0.06
        )
    }

    private static func entries(_ panel: LineChart.Panel, marks: [LineChart.Marks]) -> [LegendEntry] {
        let lines = panel.series.enumerated().map {
            LegendEntry(name: $0.element.name, colour: colour($0.element, $0.offset), sample: .line)
        }
        let thresholds = panel.thresholds.map { LegendEntry(name: $0.name, colour: $0.colour, sample: .dashes) }
        let bands = marks.map { LegendEntry(name: $0.name, colour: $0.colour, sample: .band) }
        return (lines + thresholds + bands).filter { !$0.name.isEmpty }
    }

    /// The colour of the series in a place of its panel.
    static func colour(_ series: LineChart.Series, _ index: Int) -> PlotColour {
        series.colour ?? PlotColour.palette[index % PlotColour.palette.count]
    }

    /// Entries in lines no wider than the plot, the first of them beside the heading.
    ///
    /// What does not find room in the last line is counted there.
    private static func legend(_ entries: [LegendEntry], width: Int, first: Int, lines: Int) -> [[LegendEntry]] {
        var result: [[LegendEntry]] = [[]]
        var room = first
        for (index, entry) in entries.enumerated() {
            let isLastLine = result.count == lines
            let needed = entry.width + LegendEntry.gap
            let more = "+ \(entries.count - index) more"
            let reserve = isLastLine && index < entries.count - 1 ? LegendEntry.gap + Canvas.width(more) + 40 : 0
            if needed + reserve > room {
                guard !isLastLine else {
                    result[result.count - 1].append(LegendEntry(name: more, colour: .white, sample: .band))
                    break
                }
                result.append([])
                room = width
            }
            result[result.count - 1].append(entry)
            room -= needed
        }
        return entries.isEmpty ? [] : result
    }
}
