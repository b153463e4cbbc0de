/// The response to events at the times of volumes, as a run goes on.
///
/// Events are boxcars, which are convolved with a response on a fine grid. The value at a volume depends on nothing that
/// happened after it: events that begin later are left out, and events that go on, or whose duration is not known,
/// count as running. So values need not be computed again as events come in.
///
/// For complete events this is what nilearn's `compute_regressor` gives for a single response, on the same grid; only
/// events that ended before the grid begins are left out, which nilearn moves to its first point.
public struct HemodynamicRegressor: Sendable {
    /// When volumes are acquired, in s.
    public let frameTimes: [Double]
    /// How long events of unknown duration last, in s; nothing if they count as running until their duration is known.
    public var unknownDuration: Double?

    /// The sums of the response's samples up to each one.
    private let cumulative: [Double]
    /// The first point of the grid, and the distance of points, in s.
    private let start: Double
    private let step: Double
    /// The last point of the grid.
    private let last: Int

    /// Prepares a response for the volumes of a run.
    ///
    /// - Parameters:
    ///   - response: the response to a short stimulus.
    ///   - frameTimes: when volumes are acquired, in s, rising; two or more. The grid depends slightly on all of them, so
    ///     give those of the planned run.
    ///   - oversampling: the number of grid points per repetition time, which is the shortest time between volumes.
    ///   - earliestOnset: where the grid begins, in s after the first volume; events may begin before it.
    /// - Throws: `NeuroimagingError` for times that do not rise, or a grid that is too fine.
    public init(
        _ response: HemodynamicResponse,
        frameTimes: [Double],
        oversampling: Int = 50,
        earliestOnset: Double = -24
    ) throws(NeuroimagingError) {
        let gaps = zip(frameTimes.dropFirst(), frameTimes).map { $0 - $1 }
        guard let first = frameTimes.first, let end = frameTimes.last, let shortest = gaps.min(), shortest > 0,
            first.isFinite, end.isFinite
        else {
            throw NeuroimagingError(
                .malformed,
                "frame times",
                "there have to be two or more finite times that rise; check the times of volumes"
            )
        }
        guard earliestOnset.isFinite, earliestOnset <= 0 else {
            throw NeuroimagingError(.malformed, "frame times", "the earliest onset has to be 0 s or before")
        }
        let kernel = try response.kernel(repetitionTime: shortest, oversampling: oversampling)
        var sum = 0.0
        cumulative = kernel.map { sample in
            sum += sample
            return sum
        }
        // Nilearn's grid, which ends one mean repetition time after the last volume.
        let intervals = Double(frameTimes.count - 1)
        let stop = end * (1 + 1 / intervals)
        let points = intervals / (end - first) * (stop - first - earliestOnset) * Double(oversampling) + 1
        guard points >= 2, points < 1e12 else {
            throw NeuroimagingError(
                .malformed,
                "frame times",
                "the run has to lie after time 0 and be of a possible length; count times from the first volume"
            )
        }
        last = Int(points.rounded(.toNearestOrEven)) - 1
        start = first + earliestOnset
        step = (stop - start) / Double(last)
        self.frameTimes = frameTimes
        guard end <= stop else {
            throw NeuroimagingError(.malformed, "frame times", "count times from the first volume, not before it")
        }
    }

    /// The response at all volumes.
    public func values(of events: [StimulusEvent]) -> [Double] {
        frameTimes.indices.map { value(at: $0, of: events) }
    }

    /// The response at one volume, counted from 0.
    public func value(at frame: Int, of events: [StimulusEvent]) -> Double {
        let time = frameTimes[frame]
        let position = max(0, (time - start) / step)
        let left = min(Int(position), last - 1)
        let part = position - Double(left)
        var value = 0.0
        for event in events where event.onset <= time {
            let duration = event.duration ?? unknownDuration
            let end = duration.map { event.onset + $0 } ?? .infinity
            guard end > start else { continue }
            let onset = point(at: event.onset)
            // What goes on after the volume has not ended as far as the volume is concerned.
            let offset = end > time ? Int.max : max(point(at: end), onset + 1)
            let before = response(left, onset, offset)
            let after = response(left + 1, onset, offset)
            value += event.modulation * (before * (1 - part) + after * part)
        }
        return value
    }

    /// The response at a point of the grid to a boxcar from `onset` up to `offset`.
    private func response(_ point: Int, _ onset: Int, _ offset: Int) -> Double {
        sum(upTo: point - onset) - (point >= offset ? sum(upTo: point - offset) : 0)
    }

    private func sum(upTo index: Int) -> Double {
        index < 0 ? 0 : cumulative[min(index, cumulative.count - 1)]
    }

    /// The first point of the grid that is not before a time.
    private func point(at time: Double) -> Int {
        guard time > start else { return 0 }
        // Capped so that no time overflows; events that far ahead have no influence.
        var point = Int(min(((time - start) / step).rounded(.up), 1e15))
        // The division rounds; the grid decides.
        while point > 0, Double(point - 1) * step + start >= time { point -= 1 }
        while point < last, Double(point) * step + start < time { point += 1 }
        return point
    }
}
