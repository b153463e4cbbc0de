import Images

/// Lines over a common horizontal axis, in one panel or several under each other.
///
/// ```swift
/// let chart = LineChart(
///     title: "Motion",
///     xLabel: "Volume",
///     panels: [LineChart.Panel(title: "Translation", yLabel: "mm", series: [LineChart.Series("x", values)])]
/// )
/// try PNG.write(chart.render(), to: url)
/// ```
public struct LineChart: Sendable, Equatable {
    /// Values that are joined by a line.
    public struct Series: Sendable, Equatable {
        /// What the legend calls it; nothing if it is not in the legend.
        public var name: String
        /// Where the values lie; nothing if they lie at 0, 1, 2 and so on.
        public var x: [Double]?
        /// The values; those that are not finite leave a gap in the line.
        public var values: [Double]
        /// The colour of the line; nothing for the next one of the palette.
        public var colour: PlotColour?

        /// Describes a line; of `x` and `values` the longer one is cut.
        public init(_ name: String, x: [Double]? = nil, _ values: [Double], colour: PlotColour? = nil) {
            self.name = name
            self.x = x
            self.values = values
            self.colour = colour
        }

        /// The number of points.
        var count: Int { min(values.count, x?.count ?? values.count) }

        func x(_ index: Int) -> Double { x?[index] ?? Double(index) }
    }

    /// A value that a dashed line across a panel shows.
    public struct Threshold: Sendable, Equatable {
        /// What the legend calls it; nothing if it is not in the legend.
        public var name: String
        /// The value.
        public var value: Double
        /// The colour of the line.
        public var colour: PlotColour

        /// Describes a threshold.
        public init(_ name: String, _ value: Double, colour: PlotColour = .warning) {
            self.name = name
            self.value = value
            self.colour = colour
        }
    }

    /// Places on the horizontal axis that bands across all panels show, such as volumes that were flagged.
    public struct Marks: Sendable, Equatable {
        /// What the legend of the first panel calls them; nothing if they are not in the legend.
        public var name: String
        /// The places.
        public var positions: [Double]
        /// The colour, which is drawn translucent.
        public var colour: PlotColour

        /// Describes places.
        public init(_ name: String, _ positions: [Double], colour: PlotColour = .warning) {
            self.name = name
            self.positions = positions
            self.colour = colour
        }
    }

    /// One of the charts under each other.
    public struct Panel: Sendable, Equatable {
        /// The heading.
        public var title: String
        /// The label of the vertical axis: a quantity and its unit.
        public var yLabel: String
        /// The lines.
        public var series: [Series]
        /// The values that dashed lines show.
        public var thresholds: [Threshold]
        /// The ends of the vertical axis; nothing if it holds all values.
        public var yRange: ClosedRange<Double>?
        /// Whether the vertical axis is logarithmic; values that are not above 0 are then gaps.
        public var isLogarithmic: Bool

        /// Describes a panel.
        public init(
            title: String = "",
            yLabel: String = "",
            series: [Series],
            thresholds: [Threshold] = [],
            yRange: ClosedRange<Double>? = nil,
            isLogarithmic: Bool = false
        ) {
            self.title = title
            self.yLabel = yLabel
            self.series = series
            self.thresholds = thresholds
            self.yRange = yRange
            self.isLogarithmic = isLogarithmic
        }
    }

    /// The widths that an image may have.
    public static let widths = 240...8192
    /// The heights that a panel may have.
    public static let panelHeights = 120...2048
    /// The largest number of panels; more are left out.
    public static let panelLimit = 16

    /// The heading of the whole image.
    public var title: String
    /// The label of the horizontal axis.
    public var xLabel: String
    /// Whether the horizontal axis is logarithmic; points that do not lie above 0 are then left out.
    public var isXLogarithmic: Bool
    /// The panels from the top.
    public var panels: [Panel]
    /// Places that all panels show.
    public var marks: [Marks]
    /// The width of the image in pixels; the nearest in `widths` is taken.
    public var width: Int
    /// The height of the image in pixels per panel; the nearest in `panelHeights` is taken.
    public var panelHeight: Int

    /// Describes a chart.
    public init(
        title: String = "",
        xLabel: String = "",
        isXLogarithmic: Bool = false,
        panels: [Panel],
        marks: [Marks] = [],
        width: Int = 1200,
        panelHeight: Int = 260
    ) {
        self.title = title
        self.xLabel = xLabel
        self.isXLogarithmic = isXLogarithmic
        self.panels = panels
        self.marks = marks
        self.width = width
        self.panelHeight = panelHeight
    }

    /// Draws the chart on white: `width` by `panelHeight` per panel.
    public func render() -> Image8 {
        ChartRenderer(self).image()
    }
}
