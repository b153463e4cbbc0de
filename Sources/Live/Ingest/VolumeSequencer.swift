import Neuroimaging

/// Puts the volumes of a run in order, whatever order they come in, and decides how long a missing one is waited for.
///
/// Volumes come out with increasing indices, each at most once. A volume that is missing holds up later ones until it
/// comes or the deadline passes; then it is given up, and marked as late should it still come.
public struct VolumeSequencer: Sendable {
    /// What becomes of a volume.
    public enum Verdict: String, Sendable, Codable {
        /// It is the next one.
        case processed
        /// It came already.
        case duplicate
        /// It was given up before.
        case late
        /// It lies so far ahead that it cannot belong to the run.
        case refused
    }

    /// What a step of time or a volume led to.
    public struct Outcome: Sendable {
        /// The volumes to process now, in order.
        public var ready: [IncomingVolume] = []
        /// The volumes that are not processed, and why.
        public var rejected: [(volume: IncomingVolume, verdict: Verdict)] = []
        /// The indices that were given up.
        public var missing: [Range<Int>] = []
    }

    /// The index that comes next.
    public private(set) var next: Int
    /// How long a missing volume is waited for after a later one came.
    public let patience: Duration
    /// The most volumes that wait for a missing one.
    public let capacity: Int
    /// How far ahead of the next one an index may lie.
    public let reach: Int
    private var held: [Int: IncomingVolume] = [:]
    private var givenUp: [Range<Int>] = []
    /// Indices from `next` on that will not come.
    private var dropped: Set<Int> = []
    private var waitingSince: ContinuousClock.Instant?

    /// Starts before a volume.
    ///
    /// - Parameters:
    ///   - next: The index that comes first; nil to start with the first volume that comes, whatever its index.
    ///   - patience: How long a missing volume is waited for after a later one came.
    ///   - capacity: The most volumes that wait for a missing one.
    ///   - reach: How far ahead of the next one an index may lie.
    public init(next: Int = 0, patience: Duration, capacity: Int = 64, reach: Int = 1000) {
        self.next = next
        self.patience = patience
        self.capacity = capacity
        self.reach = reach
    }

    /// The number of volumes that wait.
    public var waiting: Int { held.count }

    /// When the missing volume is given up; nil if none is waited for.
    public var deadline: ContinuousClock.Instant? { waitingSince.map { $0 + patience } }

    /// Takes in a volume.
    public mutating func accept(_ volume: IncomingVolume, now: ContinuousClock.Instant) -> Outcome {
        var outcome = Outcome()
        if volume.index < next || held[volume.index] != nil {
            let isLate = volume.index < next && givenUp.contains { $0.contains(volume.index) }
            if isLate { forget(volume.index) }
            outcome.rejected.append((volume, isLate ? .late : .duplicate))
            return outcome
        }
        guard volume.index - next <= reach else {
            outcome.rejected.append((volume, .refused))
            return outcome
        }
        held[volume.index] = volume
        release(&outcome)
        while held.count > capacity { skip(&outcome) }
        if held.isEmpty {
            waitingSince = nil
        } else if waitingSince == nil || !outcome.ready.isEmpty {
            waitingSince = now
        }
        return outcome
    }

    /// Lets time pass: what waited too long for a missing volume goes on without it.
    public mutating func expire(now: ContinuousClock.Instant) -> Outcome {
        var outcome = Outcome()
        guard let deadline, now >= deadline else { return outcome }
        skip(&outcome)
        waitingSince = held.isEmpty ? nil : now
        return outcome
    }

    /// Says that a volume will not come: it was dropped on the way.
    public mutating func giveUp(_ index: Int) -> Outcome {
        var outcome = Outcome()
        guard index >= next, index - next <= reach, held[index] == nil else { return outcome }
        // One that lies ahead is noted for when its turn comes.
        dropped.insert(index)
        release(&outcome)
        if held.isEmpty { waitingSince = nil }
        return outcome
    }

    /// At the end of a run: everything that waits, without what is missing.
    public mutating func finish() -> Outcome {
        var outcome = Outcome()
        while !held.isEmpty { skip(&outcome) }
        waitingSince = nil
        return outcome
    }

    private mutating func release(_ outcome: inout Outcome) {
        while true {
            if let volume = held.removeValue(forKey: next) {
                outcome.ready.append(volume)
            } else if dropped.remove(next) == nil {
                return
            }
            next += 1
        }
    }

    /// Gives up what is missing before the first volume that waits.
    private mutating func skip(_ outcome: inout Outcome) {
        guard let first = held.keys.min() else { return }
        // What was dropped is not missing: it is counted where it was dropped.
        for index in next..<first where dropped.remove(index) == nil {
            if let last = outcome.missing.last, last.upperBound == index {
                outcome.missing[outcome.missing.count - 1] = last.lowerBound..<index + 1
            } else {
                outcome.missing.append(index..<index + 1)
            }
        }
        givenUp.append(contentsOf: outcome.missing.filter { $0.lowerBound >= next })
        givenUp.removeFirst(max(0, givenUp.count - 1000))
        next = first
        release(&outcome)
    }

    private mutating func forget(_ index: Int) {
        guard let place = givenUp.firstIndex(where: { $0.contains(index) }) else { return }
        let range = givenUp.remove(at: place)
        if range.lowerBound < index { givenUp.append(range.lowerBound..<index) }
        if index + 1 < range.upperBound { givenUp.append(index + 1..<range.upperBound) }
    }
}
