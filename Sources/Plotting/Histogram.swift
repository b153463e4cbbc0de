import Foundation
import Images

/// How often values occur, with lines at values to compare with.
public struct Histogram: Sendable, Equatable {
    /// The values; those that are not finite do not count.
    public var values: [Double]
    /// The label of the horizontal axis.
    public var xLabel: String
    /// What the legend calls the values; nothing if they are not in the legend.
    public var name: String
    /// Values that vertical lines show.
    public var markers: [LineChart.Threshold]
    /// The number of bars; by default the square root of the number of values, from 10 to 60.
    public var bins: Int?
    /// The width of the image in pixels; the nearest in `LineChart.widths` is taken.
    public var width: Int
    /// The height of the image in pixels; the nearest in `LineChart.panelHeights` is taken.
    public var height: Int

    /// Describes a histogram.
    public init(
        values: [Double],
        xLabel: String = "",
        name: String = "",
        markers: [LineChart.Threshold] = [],
        bins: Int? = nil,
        width: Int = 1200,
        height: Int = 260
    ) {
        self.values = values
        self.xLabel = xLabel
        self.name = name
        self.markers = markers
        self.bins = bins
        self.width = width
        self.height = height
    }

    /// Draws the histogram on white.
    public func render() -> Image8 {
        let (width, height) = (
            min(max(width, LineChart.widths.lowerBound), LineChart.widths.upperBound),
            min(max(height, LineChart.panelHeights.lowerBound), LineChart.panelHeights.upperBound)
        )
        var canvas = Canvas(width: width, height: height)
        let plot = PixelRectangle(left: 20, top: 34, right: width - 20, bottom: height - (xLabel.isEmpty ? 34 : 56))
        let finite = values.filter { abs($0) <= Axis.largest }
        let axis = Axis(finite + markers.map(\.value), margin: 0.03)
        let x = { (value: Double) -> Double? in
            axis.position(value).map { Double(plot.left) + 2 + $0 * Double(plot.width - 4) }
        }
        for tick in axis.ticks(count: max(2, plot.width / 100)) {
            guard let place = x(tick.value) else { continue }
            canvas.fill(
                PixelRectangle(left: Int(place), top: plot.top, right: Int(place) + 1, bottom: plot.bottom),
                .grid
            )
            let start = min(max(Int(place) - Canvas.width(tick.label) / 2, 0), width - Canvas.width(tick.label))
            canvas.text(tick.label, left: start, top: plot.bottom + 8)
        }
        drawBars(finite, plot, x, on: &canvas)
        for marker in markers {
            guard let place = x(marker.value) else { continue }
            let line = PixelRectangle(
                left: Int(place) - 1,
                top: plot.top,
                right: Int(place) + 2,
                bottom: plot.bottom
            )
            canvas.fill(line.intersection(plot), marker.colour)
        }
        canvas.outline(plot, .frame)
        let label = Canvas.shortened(xLabel, plot.width)
        canvas.text(label, left: (width - Canvas.width(label)) / 2, top: height - Canvas.height() - 8)
        drawLegend(plot, on: &canvas)
        return canvas.image
    }

    private func drawBars(
        _ finite: [Double],
        _ plot: PixelRectangle,
        _ x: (Double) -> Double?,
        on canvas: inout Canvas
    ) {
        guard let low = finite.min(), let high = finite.max() else { return }
        let count = min(max(bins ?? min(max(Int(Double(finite.count).squareRoot()), 10), 60), 1), 1000)
        let span = high > low ? high - low : 1
        var counts = [Int](repeating: 0, count: count)
        for value in finite { counts[min(Int((value - low) / span * Double(count)), count - 1)] += 1 }
        let tallest = Double(max(counts.max() ?? 1, 1))
        for (index, number) in counts.enumerated() where number > 0 {
            guard let first = x(low + span * Double(index) / Double(count)),
                let last = x(low + span * Double(index + 1) / Double(count))
            else { continue }
            let bar = PixelRectangle(
                left: Int(first.rounded()),
                top: plot.bottom - Int((Double(number) / tallest * Double(plot.height - 6)).rounded()),
                right: max(Int(last.rounded()) - 1, Int(first.rounded()) + 1),
                bottom: plot.bottom
            )
            canvas.fill(bar.intersection(plot), PlotColour(170, 178, 186))
        }
    }

    private func drawLegend(_ plot: PixelRectangle, on canvas: inout Canvas) {
        let bars = name.isEmpty ? [] : [LineChart.Threshold(name, 0, colour: PlotColour(170, 178, 186))]
        let entries = bars + markers.filter { !$0.name.isEmpty }
        let widths = entries.map { LegendEntry.sampleWidth + Canvas.width($0.name) }
        var left = plot.right - widths.reduce(0, +) - max(0, entries.count - 1) * LegendEntry.gap
        for (entry, width) in zip(entries, widths) {
            canvas.fill(PixelRectangle(left: left, top: 11, right: left + 24, bottom: 19), entry.colour)
            canvas.text(entry.name, left: left + LegendEntry.sampleWidth, top: 8)
            left += width + LegendEntry.gap
        }
    }
}
