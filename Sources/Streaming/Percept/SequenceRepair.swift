/// Puts a publisher's numbered messages in order, and knows which are missing.
///
/// It has no sockets and no clock of its own. Messages are delivered in the order of their numbers. Later ones are held
/// while an earlier one is missing, until it comes again, is known to be gone, or its deadline passes.
struct SequenceRepair<Message> {
    /// What comes out.
    enum Output {
        case message(Message)
        case lost(ClosedRange<UInt64>)
    }

    private struct Gap {
        var range: ClosedRange<UInt64>
        var deadline: ContinuousClock.Instant
    }

    /// The number of the message that is delivered next.
    private(set) var next: UInt64
    /// One more than the highest number that is known to exist.
    private(set) var end: UInt64
    /// Messages that came more than once.
    private(set) var duplicates = 0
    private let deadline: Duration
    private let capacity: (messages: Int, bytes: Int)
    private var held: [UInt64: (message: Message, bytes: Int)] = [:]
    private var heldBytes = 0
    private var gaps: [Gap] = []

    /// - Parameters:
    ///   - next: The number of the first message to deliver.
    ///   - deadline: How long a missing message is waited for, since it was missed or another came again.
    ///   - capacity: The most messages and bytes that are held.
    init(next: UInt64, deadline: Duration, capacity: (messages: Int, bytes: Int)) {
        (self.next, end) = (next, next)
        (self.deadline, self.capacity) = (deadline, capacity)
    }

    /// The first numbers that are missing.
    var missing: ClosedRange<UInt64>? {
        guard var range = gaps.first?.range else { return nil }
        for gap in gaps.dropFirst() {
            guard gap.range.lowerBound == range.upperBound + 1 else { break }
            range = range.lowerBound...gap.range.upperBound
        }
        return range
    }

    /// When the first missing number is given up.
    var nextDeadline: ContinuousClock.Instant? { gaps.map(\.deadline).min() }

    /// Takes a message; nil stands for one that is known to exist but cannot be used, and should be had again.
    mutating func receive(
        _ sequence: UInt64,
        _ message: Message?,
        bytes: Int,
        isRepair: Bool,
        at now: ContinuousClock.Instant
    ) -> [Output] {
        notice(upTo: sequence + 1, at: now)
        guard sequence >= next, held[sequence] == nil else {
            if message != nil { duplicates += 1 }
            return []
        }
        // What is repaired shows that the rest may be, too.
        if isRepair {
            for number in gaps.indices { gaps[number].deadline = now + deadline }
        }
        // The next one is delivered at once, so only others need room. What finds none is missing, and had again.
        let hasRoom = held.count < capacity.messages && heldBytes + bytes <= capacity.bytes
        guard let message, sequence == next || hasRoom else { return [] }
        held[sequence] = (message, bytes)
        heldBytes += bytes
        close(sequence...sequence)
        return deliver()
    }

    /// Learns that all numbers below `end` exist.
    mutating func notice(upTo end: UInt64, at now: ContinuousClock.Instant) {
        guard end > self.end else { return }
        gaps.append(Gap(range: self.end...(end - 1), deadline: now + deadline))
        self.end = end
    }

    /// Learns that what is still missing of a range cannot be had.
    mutating func giveUp(_ range: ClosedRange<UInt64>) -> [Output] {
        var lost: [ClosedRange<UInt64>] = []
        for gap in gaps where gap.range.overlaps(range) { lost.append(gap.range.clamped(to: range)) }
        close(range)
        return report(lost)
    }

    /// Gives up what is past its deadline.
    mutating func expire(at now: ContinuousClock.Instant) -> [Output] {
        let lost = gaps.filter { $0.deadline <= now }.map(\.range)
        gaps.removeAll { $0.deadline <= now }
        return report(lost)
    }

    /// Gives up all that is missing, as when the publisher is another one.
    mutating func finish() -> [Output] {
        let lost = gaps.map(\.range)
        gaps = []
        return report(lost)
    }

    private mutating func report(_ lost: [ClosedRange<UInt64>]) -> [Output] {
        var merged: [ClosedRange<UInt64>] = []
        for range in lost {
            if let last = merged.last, last.upperBound + 1 == range.lowerBound {
                merged[merged.count - 1] = last.lowerBound...range.upperBound
            } else {
                merged.append(range)
            }
        }
        return merged.map { .lost($0) } + deliver()
    }

    /// Takes numbers out of the gaps.
    private mutating func close(_ range: ClosedRange<UInt64>) {
        guard gaps.contains(where: { $0.range.overlaps(range) }) else { return }
        gaps = gaps.flatMap { gap -> [Gap] in
            guard gap.range.overlaps(range) else { return [gap] }
            var rest: [Gap] = []
            if gap.range.lowerBound < range.lowerBound {
                rest.append(Gap(range: gap.range.lowerBound...(range.lowerBound - 1), deadline: gap.deadline))
            }
            if gap.range.upperBound > range.upperBound {
                rest.append(Gap(range: (range.upperBound + 1)...gap.range.upperBound, deadline: gap.deadline))
            }
            return rest
        }
    }

    /// Delivers what is in order: all before the first gap.
    private mutating func deliver() -> [Output] {
        let limit = gaps.first?.range.lowerBound ?? end
        var outputs: [Output] = []
        for sequence in held.keys.filter({ $0 < limit }).sorted() {
            if let (message, bytes) = held.removeValue(forKey: sequence) {
                heldBytes -= bytes
                outputs.append(.message(message))
            }
        }
        next = limit
        return outputs
    }
}
