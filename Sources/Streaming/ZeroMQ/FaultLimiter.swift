import Neuroimaging

/// Lets the first faults of a kind through, and then only a few, so that a peer cannot flood the log.
public struct FaultLimiter: Sendable {
    private struct Bucket {
        var left: Int
        var since: ContinuousClock.Instant
        var held = 0
    }

    private let burst: Int
    private let interval: Duration
    private var buckets: [SourceFault.Code: Bucket] = [:]

    /// Lets `burst` faults of each kind through in each `interval`.
    public init(burst: Int = 5, interval: Duration = .seconds(10)) {
        (self.burst, self.interval) = (burst, interval)
    }

    /// The fault, or nil if there were too many of its kind; the next that passes says how many were held back.
    public mutating func pass(_ fault: SourceFault, at now: ContinuousClock.Instant = .now) -> SourceFault? {
        var bucket = buckets[fault.code] ?? Bucket(left: burst, since: now)
        defer { buckets[fault.code] = bucket }
        if now - bucket.since >= interval { (bucket.left, bucket.since) = (burst, now) }
        guard bucket.left > 0 else {
            bucket.held += 1
            return nil
        }
        bucket.left -= 1
        guard bucket.held > 0 else { return fault }
        defer { bucket.held = 0 }
        return SourceFault(fault.code, fault.subject, "\(fault.detail) (and \(bucket.held) more of the kind)")
    }
}
