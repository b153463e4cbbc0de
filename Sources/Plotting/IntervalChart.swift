import Images

/// Values with intervals, one row for each thing that is compared, one panel for each quantity.
///
/// ```swift
/// let chart = IntervalChart(
///     labels: ["Decoder", "Baseline"],
///     panels: [IntervalChart.Panel(title: "Correlation", marks: [.init(0.8, 0.75...0.84), .init(0.7, 0.6...0.8)])]
/// )
/// try PNG.write(chart.render(), to: url)
/// ```
public struct IntervalChart: Sendable, Equatable {
    /// A value and the interval around it.
    public struct Mark: Sendable, Equatable {
        /// The value; nothing is drawn if it is not finite.
        public var value: Double
        /// The interval, if there is one.
        public var interval: ClosedRange<Double>?

        /// Describes a value.
        public init(_ value: Double, _ interval: ClosedRange<Double>? = nil) {
            self.value = value
            self.interval = interval
        }
    }

    /// The values of one quantity.
    public struct Panel: Sendable, Equatable {
        /// The heading.
        public var title: String
        /// A value for each label; nothing where there is none.
        public var marks: [Mark?]
        /// A value that a dashed line shows, such as the chance level.
        public var reference: Double?

        /// Describes a panel.
        public init(title: String, marks: [Mark?], reference: Double? = nil) {
            self.title = title
            self.marks = marks
            self.reference = reference
        }
    }

    /// The widths that an image may have.
    public static let widths = 400...8192
    /// The largest number of panels, and of labels; more are left out.
    public static let limit = 32

    /// What the rows are, from the top.
    public var labels: [String]
    /// The panels, row by row.
    public var panels: [Panel]
    /// What the dashed lines are; nothing if there is no legend.
    public var referenceName: String
    /// The number of panels side by side, at least one.
    public var columns: Int
    /// The width of the image in pixels; the nearest in `widths` is taken.
    public var width: Int

    /// Describes a chart.
    public init(
        labels: [String],
        panels: [Panel],
        referenceName: String = "",
        columns: Int = 2,
        width: Int = 1200
    ) {
        self.labels = labels
        self.panels = panels
        self.referenceName = referenceName
        self.columns = columns
        self.width = width
    }

    /// Draws the chart on white; its height follows from the numbers of rows and panels.
    public func render() -> Image8 {
        IntervalChartRenderer(self).image()
    }
}

/// Draws charts of intervals.
struct IntervalChartRenderer {
    private let chart: IntervalChart
    private let labels: [String]
    private let panels: [IntervalChart.Panel]
    private let width: Int
    private let columns: Int
    /// Where the first panel begins, right of the labels.
    private let left: Int
    private let legend: Int

    private static let rowHeight = 26
    private static let heading = 30
    private static let axis = 38
    private static let gap = 30
    private static let margin = 14

    init(_ chart: IntervalChart) {
        self.chart = chart
        labels = Array(chart.labels.prefix(IntervalChart.limit))
        panels = Array(chart.panels.prefix(IntervalChart.limit))
        width = min(max(chart.width, IntervalChart.widths.lowerBound), IntervalChart.widths.upperBound)
        columns = min(max(chart.columns, 1), max(panels.count, 1))
        let widest = labels.map { Canvas.width($0) }.max() ?? 0
        left = min(Self.margin + widest + 16, width / 2)
        legend = chart.referenceName.isEmpty ? 0 : ChartLayout.lineHeight + 6
    }

    private var panelHeight: Int { Self.heading + max(labels.count, 1) * Self.rowHeight + Self.axis }

    func image() -> Image8 {
        let rows = max(1, (panels.count + columns - 1) / columns)
        var canvas = Canvas(width: width, height: legend + rows * panelHeight + Self.margin)
        drawLegend(on: &canvas)
        let room = (width - left - Self.margin - (columns - 1) * Self.gap) / columns
        for (index, panel) in panels.enumerated() {
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            let start = left + column * (room + Self.gap)
            let top = legend + row * panelHeight + Self.heading
            let plot = PixelRectangle(
                left: start,
                top: top,
                right: start + room,
                bottom: top + max(labels.count, 1) * Self.rowHeight
            )
            if column == 0 { drawLabels(plot, on: &canvas) }
            draw(panel, plot, on: &canvas)
        }
        return canvas.image
    }

    private func drawLegend(on canvas: inout Canvas) {
        guard legend > 0 else { return }
        let name = chart.referenceName
        let start = width - Self.margin - Canvas.width(name) - LegendEntry.sampleWidth
        canvas.dashes(from: start, to: start + LegendEntry.sampleWidth - 10, y: 15, .frame)
        canvas.text(name, left: start + LegendEntry.sampleWidth, top: 8)
    }

    private func drawLabels(_ plot: PixelRectangle, on canvas: inout Canvas) {
        for (row, label) in labels.enumerated() {
            let top = plot.top + row * Self.rowHeight + (Self.rowHeight - Canvas.height()) / 2
            let text = Canvas.shortened(label, plot.left - 2 * Self.margin)
            canvas.text(text, left: plot.left - 12 - Canvas.width(text), top: top)
        }
    }

    private func draw(_ panel: IntervalChart.Panel, _ plot: PixelRectangle, on canvas: inout Canvas) {
        guard plot.width > 20 else { return }
        let marks = panel.marks.prefix(labels.count)
        let ends = marks.compactMap { $0 }.flatMap { mark in
            [mark.value] + (mark.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
        }
        let axis = Axis(ends + (panel.reference.map { [$0] } ?? []), margin: 0.06)
        let x = { (value: Double) -> Double? in
            axis.position(value).map { Double(plot.left) + 4 + $0 * Double(plot.width - 8) }
        }
        canvas.text(
            Canvas.shortened(panel.title, plot.width),
            left: plot.left,
            top: plot.top - Self.heading + 8
        )
        for tick in axis.ticks(count: max(2, plot.width / 90)) {
            guard let place = x(tick.value) else { continue }
            let line = PixelRectangle(left: Int(place), top: plot.top, right: Int(place) + 1, bottom: plot.bottom)
            canvas.fill(line, .grid)
            let text = Canvas.width(tick.label)
            let start = min(max(Int(place) - text / 2, plot.left - 10), min(plot.right + 12, width) - text)
            canvas.text(tick.label, left: start, top: plot.bottom + 6)
        }
        if let reference = panel.reference.flatMap(x) {
            canvas.verticalDashes(x: Int(reference), from: plot.top, to: plot.bottom, .frame)
        }
        for (row, mark) in marks.enumerated() {
            guard let mark, let place = x(mark.value) else { continue }
            let middle = Double(plot.top + row * Self.rowHeight) + Double(Self.rowHeight) / 2
            var stroke = Stroke(in: plot, width: 3)
            if let interval = mark.interval, let low = x(interval.lowerBound), let high = x(interval.upperBound) {
                stroke.line(PixelPoint(x: low, y: middle), PixelPoint(x: high, y: middle))
            }
            stroke.dot(PixelPoint(x: place, y: middle), radius: 5.5)
            stroke.draw(on: &canvas, PlotColour.palette[row % PlotColour.palette.count])
        }
        canvas.outline(plot, .frame)
    }
}
