import Images
import Testing

@testable import Plotting

@Suite("Charts of intervals and histograms")
struct IntervalChartTests {
    private func count(_ image: Image8, _ colour: PlotColour) -> Int {
        stride(from: 0, to: image.bytes.count, by: 3).count {
            image.bytes[$0] == colour.red && image.bytes[$0 + 1] == colour.green && image.bytes[$0 + 2] == colour.blue
        }
    }

    /// The columns in which a colour appears.
    private func columns(_ image: Image8, _ colour: PlotColour) -> [Int] {
        (0..<image.width).filter { x in
            (0..<image.height).contains { y in
                image[y, x, 0] == colour.red && image[y, x, 1] == colour.green && image[y, x, 2] == colour.blue
            }
        }
    }

    @Test("A wider interval is a longer line, and every row has its colour")
    func lengths() throws {
        let chart = IntervalChart(
            labels: ["wide", "narrow"],
            panels: [.init(title: "Correlation", marks: [.init(0.5, 0...1), .init(0.5, 0.4...0.6)], reference: 0.2)],
            referenceName: "chance",
            columns: 1,
            width: 800
        )
        let image = chart.render()
        let wide = columns(image, PlotColour.palette[0])
        let narrow = columns(image, PlotColour.palette[1])
        let first = try #require(wide.first), last = try #require(wide.last)
        let start = try #require(narrow.first), end = try #require(narrow.last)
        #expect(abs(Double(end - start) / Double(last - first) - 0.2) < 0.03)
        // Both are around the same value.
        #expect(abs((first + last) - (start + end)) <= 4)
        #expect(image.width == 800)
    }

    @Test("More panels than columns go below each other")
    func wrapping() {
        let panel = IntervalChart.Panel(title: "p", marks: [.init(1)])
        let heights = (1...4).map { count in
            IntervalChart(labels: ["a"], panels: Array(repeating: panel, count: count), columns: 2).render().height
        }
        #expect(heights[0] == heights[1] && heights[2] == heights[3] && heights[2] > heights[1])
    }

    @Test("Nothing at all, and values that are no numbers, are drawn as nothing")
    func hostile() {
        #expect(IntervalChart(labels: [], panels: []).render().width == 1200)
        let marks: [IntervalChart.Mark?] = [
            .init(.nan), .init(.infinity, -Double.infinity...Double.infinity), nil, .init(1e308, -1e308...1e308),
        ]
        let chart = IntervalChart(
            labels: ["a", "b", "c"],
            panels: [.init(title: String(repeating: "long ", count: 99), marks: marks, reference: .nan)],
            width: 1
        )
        #expect(chart.render().width == 400)
        #expect(Histogram(values: []).render().height == 260)
        let odd = Histogram(
            values: [.nan, .infinity, 3, 3],
            markers: [.init("m", .nan)],
            bins: -4,
            width: 1,
            height: 1
        )
        #expect(odd.render().width == 240)
    }

    @Test("The areas of a histogram's bars are as the numbers of values")
    func areas() throws {
        let values = [Double](repeating: 1, count: 30) + [Double](repeating: 3, count: 10)
        let image = Histogram(values: values, bins: 2, width: 700, height: 400).render()
        let bar = PlotColour(170, 178, 186)
        let used = columns(image, bar)
        let middle = try #require(used.first) + used.count / 2
        let left = image.cropped(top: 0, left: 0, height: image.height, width: middle)
        let share = Double(count(left, bar)) / Double(count(image, bar))
        #expect(abs(share - 0.75) < 0.03)
    }
}
