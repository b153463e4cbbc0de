/// How a set of times is spread.
public struct Percentiles: Sendable, Equatable, Codable {
    /// The number of times.
    public var count: Int
    /// Half of them are not above it.
    public var median: Double
    /// 95 % of them are not above it.
    public var p95: Double
    /// 99 % of them are not above it.
    public var p99: Double
    /// The largest.
    public var maximum: Double

    /// Describes values, each percentile as the smallest value that enough are not above; nil if none is finite.
    public init?(_ values: some Sequence<Double>) {
        let sorted = values.filter(\.isFinite).sorted()
        guard let last = sorted.last else { return nil }
        let at = { (share: Double) in
            sorted[max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
        }
        (count, median, p95, p99, maximum) = (sorted.count, at(0.5), at(0.95), at(0.99), last)
    }
}
