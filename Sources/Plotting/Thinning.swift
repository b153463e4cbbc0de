/// Leaves out points that cannot be seen: of those in one column of pixels only the first, the lowest, the highest and
/// the last are kept.
struct Thinning {
    private var column = 0
    private var first: PixelPoint?
    private var low: (index: Int, point: PixelPoint)?
    private var high: (index: Int, point: PixelPoint)?
    private var last: PixelPoint?
    private var count = 0

    /// Takes a point, or a gap, and gives the points and gaps that are to be drawn before it.
    mutating func add(_ point: PixelPoint?) -> [PixelPoint?] {
        guard let point else { return finish() + [nil] }
        let place = Int(point.x.rounded(.down))
        let done = count > 0 && place == column ? [] : finish()
        column = place
        if count == 0 { first = point }
        if point.y < low?.point.y ?? .infinity { low = (count, point) }
        if point.y > high?.point.y ?? -.infinity { high = (count, point) }
        last = point
        count += 1
        return done
    }

    /// Gives the points of the last column.
    mutating func finish() -> [PixelPoint?] {
        guard count > 0, let first, let low, let high, let last else { return [] }
        let extremes = low.index < high.index ? [low, high] : [high, low]
        let middle = extremes.filter { $0.index > 0 && $0.index < count - 1 }.map(\.point)
        let kept = [first] + middle + (count > 1 ? [last] : [])
        self = Thinning()
        return kept
    }
}
