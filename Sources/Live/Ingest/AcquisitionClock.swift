import Neuroimaging

/// Ties clocks together: when, in s after the start of the first volume, something happened that was seen on another
/// clock.
///
/// A volume of index n begins n repetition times after the run and arrives at least one repetition time later. Each
/// arrival therefore bounds the start of the run from above, and the earliest bound is the best. A pulse of the scanner
/// that the stimulus computer saw ties that computer's clock to the run directly; the acquisition times of volumes tie
/// the scanner's. Steps of this machine's clock do not matter: arrivals are measured on one that never steps.
public struct AcquisitionClock: Sendable, Equatable {
    /// How an onset was found.
    public enum Rule: String, Sendable, Codable {
        /// It was given relative to the run.
        case given
        /// From a pulse of the scanner on the same clock.
        case trigger
        /// From the acquisition times of volumes, with the clocks taken to agree, or to differ as configured.
        case acquisition
        /// From the times at which volumes arrived.
        case arrival
    }

    /// The time from volume to volume in s.
    public let repetitionTime: Double
    /// How far the stimulus computer's clock is ahead, in s.
    public let offset: Double?
    /// The start of the run on the clock of the stimulus computer, by pulses.
    private var triggered: Double?
    /// The start of the run on the clock of the scanner.
    private var acquired: Double?
    /// The start of the run here, at the latest.
    private var arrived: (instant: ContinuousClock.Instant, time: Double)?

    /// Starts without knowledge.
    ///
    /// - Parameters:
    ///   - repetitionTime: The time from volume to volume in s.
    ///   - offset: How far the clock of the stimulus computer is ahead of the scanner's and this machine's, in s; nil if
    ///     not known.
    public init(repetitionTime: Double, offset: Double? = nil) {
        self.repetitionTime = repetitionTime
        self.offset = offset
    }

    /// Takes in a pulse.
    public mutating func observe(_ trigger: IncomingTrigger) {
        // Pulses may be reported late but are never early.
        let start = trigger.time - Double(trigger.volume) * repetitionTime
        triggered = min(triggered ?? start, start)
    }

    /// Takes in a volume.
    public mutating func observe(_ volume: IncomingVolume) {
        let begin = Double(volume.index) * repetitionTime
        if let time = volume.acquiredAt {
            acquired = min(acquired ?? .infinity, time - begin)
        }
        let delay = Duration.seconds(begin + repetitionTime)
        let start = (instant: volume.arrival.instant - delay, time: volume.arrival.time - begin - repetitionTime)
        if arrived.map({ start.instant < $0.instant }) ?? true { arrived = start }
    }

    /// When an event began in s after the start of the run, and how that was found; nil while nothing is known.
    public func onset(of event: IncomingEvent) -> (seconds: Double, rule: Rule)? {
        switch event.onset {
        case .run(let seconds): return (seconds, .given)
        case .clock(let time):
            if let triggered { return (time - triggered, .trigger) }
            let time = time - (offset ?? 0)
            if let acquired { return (time - acquired, .acquisition) }
            guard let arrived else { return nil }
            return (time - arrived.time, .arrival)
        case .arrival:
            guard let arrived else { return nil }
            return ((event.arrival.instant - arrived.instant) / .seconds(1), .arrival)
        }
    }

    /// Whether two clocks know the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.repetitionTime == right.repetitionTime && left.offset == right.offset
            && left.triggered == right.triggered && left.acquired == right.acquired
            && left.arrived?.instant == right.arrived?.instant
    }
}
