/// How much of each pixel of an area the lines of one series cover.
///
/// All lines of a series are collected before they are drawn, so that they do not darken where they meet.
struct Stroke {
    private let area: PixelRectangle
    private let radius: Double
    private var coverage: [Float]

    /// Starts with nothing drawn in an area; lines are `width` pixels wide.
    init(in area: PixelRectangle, width: Double) {
        self.area = area
        radius = width / 2
        coverage = [Float](repeating: 0, count: area.width * area.height)
    }

    /// Adds a disc.
    mutating func dot(_ centre: PixelPoint, radius: Double) {
        guard contains(centre) else { return }
        cover(centre, centre, radius)
    }

    /// Adds a straight line with round ends.
    mutating func line(_ from: PixelPoint, _ to: PixelPoint) {
        guard let (from, to) = clipped(from, to) else { return }
        // A long line is cut, so that the pixels that are looked at stay near it.
        let count = max(1, Int(max(abs(to.x - from.x), abs(to.y - from.y)) / 16))
        var start = from
        for index in 1...count {
            let part = Double(index) / Double(count)
            let end = PixelPoint(x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part)
            cover(start, end, radius)
            start = end
        }
    }

    /// Draws what was collected.
    func draw(on canvas: inout Canvas, _ colour: PlotColour) {
        let visible = area.intersection(canvas.bounds)
        guard visible.width > 0, visible.height > 0 else { return }
        for y in visible.top..<visible.bottom {
            for x in visible.left..<visible.right {
                let opacity = coverage[(y - area.top) * area.width + x - area.left]
                if opacity > 0 { canvas.blend(x, y, colour, Double(opacity)) }
            }
        }
    }

    private func contains(_ point: PixelPoint) -> Bool {
        point.x >= Double(area.left) && point.x <= Double(area.right)
            && point.y >= Double(area.top) && point.y <= Double(area.bottom)
    }

    /// Covers the pixels that are nearer to a line than the radius.
    private mutating func cover(_ from: PixelPoint, _ to: PixelPoint, _ radius: Double) {
        let reach = radius + 1
        let near = PixelRectangle(
            left: Int((min(from.x, to.x) - reach).rounded(.down)),
            top: Int((min(from.y, to.y) - reach).rounded(.down)),
            right: Int((max(from.x, to.x) + reach).rounded(.up)),
            bottom: Int((max(from.y, to.y) + reach).rounded(.up))
        ).intersection(area)
        guard near.width > 0, near.height > 0 else { return }
        let (dx, dy) = (to.x - from.x, to.y - from.y)
        let squared = dx * dx + dy * dy
        for y in near.top..<near.bottom {
            for x in near.left..<near.right {
                let (px, py) = (Double(x) + 0.5 - from.x, Double(y) + 0.5 - from.y)
                let part = squared > 0 ? min(max((px * dx + py * dy) / squared, 0), 1) : 0
                let (ex, ey) = (px - part * dx, py - part * dy)
                let amount = Float(min(max(radius + 0.5 - (ex * ex + ey * ey).squareRoot(), 0), 1))
                let index = (y - area.top) * area.width + x - area.left
                coverage[index] = max(coverage[index], amount)
            }
        }
    }

    /// The part of a line in the area with a margin, by Liang and Barsky's method; finite however long the line.
    private func clipped(_ from: PixelPoint, _ to: PixelPoint) -> (PixelPoint, PixelPoint)? {
        let margin = radius + 2
        let (dx, dy) = (to.x - from.x, to.y - from.y)
        guard dx.isFinite, dy.isFinite, from.x.isFinite, from.y.isFinite else { return nil }
        var (first, last) = (0.0, 1.0)
        let edges = [
            (-dx, from.x - Double(area.left) + margin), (dx, Double(area.right) + margin - from.x),
            (-dy, from.y - Double(area.top) + margin), (dy, Double(area.bottom) + margin - from.y),
        ]
        for (direction, distance) in edges {
            if direction == 0 {
                if distance < 0 { return nil }
            } else if direction < 0 {
                first = max(first, distance / direction)
            } else {
                last = min(last, distance / direction)
            }
        }
        guard first <= last else { return nil }
        return (
            PixelPoint(x: from.x + dx * first, y: from.y + dy * first),
            PixelPoint(x: from.x + dx * last, y: from.y + dy * last)
        )
    }
}
