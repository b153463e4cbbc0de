import Foundation
import Images
import Testing

@testable import Plotting

@Suite("A line chart")
struct LineChartTests {
    /// Motion and quality of a made-up run.
    static var motion: LineChart {
        let volumes = 300
        let wave = { (index: Int, period: Double, size: Double) in
            size * sin(Double(index) / period) + 0.02 * sin(Double(index * index % 97))
        }
        let jump = { (index: Int) in index >= 140 ? 0.35 : 0 }
        let axis = { (name: String, period: Double, size: Double) in
            LineChart.Series(name, (0..<volumes).map { wave($0, period, size) + jump($0) })
        }
        var displacement = (0..<volumes).map { 0.08 + abs(wave($0, 3, 0.06)) + ($0 % 70 == 0 ? 0.6 : 0) }
        displacement[140] = 1.1
        for index in 200..<212 { displacement[index] = .nan }
        return LineChart(
            title: "Motion of run 1",
            xLabel: "Volume",
            panels: [
                LineChart.Panel(
                    title: "Translation",
                    yLabel: "mm",
                    series: [axis("x", 40, 0.1), axis("y", 25, 0.2), axis("z", 90, 0.5)]
                ),
                LineChart.Panel(
                    title: "Framewise displacement",
                    yLabel: "mm",
                    series: [LineChart.Series("displacement", displacement)],
                    thresholds: [LineChart.Threshold("limit", 0.5)]
                ),
                LineChart.Panel(
                    title: "Loss",
                    yLabel: "loss",
                    series: [LineChart.Series("training", (0..<volumes).map { 3 * exp(-Double($0) / 60) + 0.004 })],
                    isLogarithmic: true
                ),
            ],
            marks: [LineChart.Marks("flagged", [0, 70, 140, 141, 210, 280])]
        )
    }

    @Test("of motion is as large as said, and the same every time")
    func size() throws {
        let image = Self.motion.render()
        #expect(image.width == 1200 && image.height == 780)
        #expect(image == Self.motion.render())
        if let path = ProcessInfo.processInfo.environment["PERCEPT_PLOT"] {
            try PNG.write(image, to: URL(fileURLWithPath: path))
        }
    }

    @Test("has ink where its values lie, and none far from them")
    func ink() throws {
        let colour = PlotColour(0, 0, 255)
        let chart = LineChart(panels: [
            LineChart.Panel(series: [LineChart.Series("", [0, 1, 0], colour: colour)], yRange: 0...1)
        ])
        let layout = ChartLayout(chart)
        let plot = try #require(layout.panels.first).plot
        let image = chart.render()
        let middle = (plot.left + plot.right) / 2
        #expect(isInked(image, middle, plot.top + 2, colour))
        #expect(!isInked(image, middle, plot.bottom - 8, colour))
        // Half-way up at a quarter and at three quarters of the way.
        for x in [(plot.left * 3 + plot.right) / 4, (plot.left + plot.right * 3) / 4] {
            #expect(isInked(image, x, (plot.top + plot.bottom) / 2, colour))
            #expect(!isInked(image, x, plot.top + 8, colour))
        }
    }

    @Test("has equal ratios at equal distances on a logarithmic horizontal axis")
    func logarithmicAxis() throws {
        let colour = PlotColour(0, 0, 255)
        let series = LineChart.Series("", x: [1, 16, 256], [0, 1, 0], colour: colour)
        let chart = LineChart(
            isXLogarithmic: true,
            panels: [LineChart.Panel(series: [series], yRange: 0...1)]
        )
        let plot = try #require(ChartLayout(chart).panels.first).plot
        #expect(isInked(chart.render(), (plot.left + plot.right) / 2, plot.top + 2, colour))
    }

    @Test("leaves gaps where values are not finite, and shows a value between gaps as a dot")
    func gaps() throws {
        let colour = PlotColour(255, 0, 0)
        let values: [Double] = [1, 1, .nan, 1, .infinity, 1, 1]
        let chart = LineChart(panels: [
            LineChart.Panel(series: [LineChart.Series("", values, colour: colour)], yRange: 0...2)
        ])
        let plot = try #require(ChartLayout(chart).panels.first).plot
        let image = chart.render()
        let y = (plot.top + plot.bottom) / 2
        let x = { (value: Double) in plot.left + 3 + Int(Double(plot.width - 6) * value / 6) }
        for place in [0.5, 3, 5.5] { #expect(isInked(image, x(place), y, colour), "\(place)") }
        for place in [2, 2.5, 3.5, 4] { #expect(!isInked(image, x(place), y, colour), "\(place)") }
    }

    @Test("shows thresholds and marks across panels")
    func marks() throws {
        let chart = LineChart(
            panels: [
                LineChart.Panel(series: [LineChart.Series("", [0, 4])]),
                LineChart.Panel(series: [LineChart.Series("", [0, 4])], thresholds: [LineChart.Threshold("", 3)]),
            ],
            marks: [LineChart.Marks("", [0.5])]
        )
        let panels = ChartLayout(chart).panels
        let image = chart.render()
        for panel in panels {
            let x = (panel.plot.left + panel.plot.right) / 2 + 4
            let pixel = (0..<3).map { Int(image[panel.plot.top + 20, x, $0]) }
            #expect(pixel[0] > pixel[1] + 20 && pixel[0] > 230, "\(pixel)")
        }
        let plot = panels[1].plot
        let position = try #require(panels[1].yAxis.position(3))
        let y = plot.bottom - 2 - Int(Double(plot.height - 3) * position)
        #expect((y - 2...y + 2).contains { isInked(image, plot.left + 2, $0, .warning) })
    }

    @Test("does not fail for series that are empty, constant, of one point, without end, or of a wrong length")
    func extremes() {
        let cases: [[Double]] = [
            [], [5], [5, 5, 5], [0, 0], [.nan], [.infinity, -.infinity], [1e308, -1e308], [1e300, -1e300],
            [0x1p-1074, 0], [1e15, 1e15 + 1], [-3, .nan, .nan],
        ]
        for values in cases {
            for isLogarithmic in [false, true] {
                for x in [nil, values, [1], []] as [[Double]?] {
                    let panel = LineChart.Panel(
                        title: "t",
                        yLabel: "y",
                        series: [LineChart.Series("s", x: x, values)],
                        thresholds: [LineChart.Threshold("l", values.first ?? .nan)],
                        isLogarithmic: isLogarithmic
                    )
                    let marks = [LineChart.Marks("m", values + [1e299])]
                    let chart = LineChart(panels: [panel], marks: marks, width: 300, panelHeight: 120)
                    #expect(chart.render().width == 300)
                }
            }
        }
        #expect(LineChart(panels: []).render().height == 260)
        #expect(LineChart(panels: [], width: -5, panelHeight: .max).render().width == 240)
        let many = (0..<40).map { LineChart.Series("a series with a long name \($0)", [Double($0), 1]) }
        let long = String(repeating: "long ", count: 90)
        let panel = LineChart.Panel(title: long, yLabel: long, series: many)
        #expect(
            LineChart(title: long, xLabel: long, panels: [panel], width: 240, panelHeight: 120).render().width == 240
        )
    }

    @Test("of very many points keeps their extremes")
    func thinning() throws {
        var values = [Double](repeating: 0, count: 100_000)
        values[50_123] = 1
        let colour = PlotColour(0, 0, 0)
        let chart = LineChart(
            panels: [LineChart.Panel(series: [LineChart.Series("", values, colour: colour)], yRange: 0...1)],
            width: 300,
            panelHeight: 120
        )
        let plot = try #require(ChartLayout(chart).panels.first).plot
        let image = chart.render()
        #expect((plot.left + 1..<plot.right - 1).contains { isInked(image, $0, plot.top + 10, colour) })
    }

    private func isInked(_ image: Image8, _ x: Int, _ y: Int, _ colour: PlotColour) -> Bool {
        zip(0..<3, [colour.red, colour.green, colour.blue]).allSatisfy { abs(Int(image[y, x, $0]) - Int($1)) < 90 }
    }
}
