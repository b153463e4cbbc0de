import Synchronization
import WireFormat

/// The latencies of a run by stage: exact percentiles of the newest measurements, and the maximum of all.
public final class LatencyRecord: Sendable {
    private struct Series {
        var values: [Float] = []
        var place = 0
        var count = 0
        var largest: Float = 0
    }

    /// The most measurements of a stage that are kept.
    public static let capacity = 4096

    private let series = Mutex<[String: Series]>([:])

    /// Starts empty.
    public init() {}

    /// Adds a measurement in ms.
    public func add(_ milliseconds: Double, to stage: String) {
        series.withLock { series in
            var entry = series[stage] ?? Series()
            // Held by one name only, the values are changed in place.
            series[stage] = nil
            let value = Float(milliseconds)
            if entry.values.count < Self.capacity {
                entry.values.append(value)
            } else {
                entry.values[entry.place] = value
                entry.place = (entry.place + 1) % Self.capacity
            }
            entry.count += 1
            entry.largest = max(entry.largest, value)
            series[stage] = entry
        }
    }

    /// Adds measurements in ms by stage.
    public func add(_ stages: [String: Double]) {
        for (stage, milliseconds) in stages { add(milliseconds, to: stage) }
    }

    /// Forgets everything, at the start of a run.
    public func reset() { series.withLock { $0 = [:] } }

    /// Count, median, 90th and 99th percentile and maximum of each stage.
    public var summary: [String: StatusBody.Latency] {
        series.withLock { $0 }.mapValues { entry in
            let sorted = entry.values.sorted()
            let rank = { (share: Double) -> Double in
                // The nearest-rank definition of percentiles.
                let place = Int((share * Double(sorted.count)).rounded(.up)) - 1
                return sorted.isEmpty ? 0 : Double(sorted[min(max(0, place), sorted.count - 1)])
            }
            return StatusBody.Latency(
                count: entry.count,
                median: rank(0.5),
                p90: rank(0.9),
                p99: rank(0.99),
                max: Double(entry.largest)
            )
        }
    }
}
