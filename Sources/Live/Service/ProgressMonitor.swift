import Synchronization

/// Shows whether work goes on: each lane says when it begins, gets on, and rests.
///
/// The watchdog is only fed while no lane is stuck, so a deadlock or an endless loop ends in a restart.
public final class ProgressMonitor: Sendable {
    /// A lane that has been busy for too long without getting on.
    public struct Stall: Sendable, Equatable {
        /// The lane's name.
        public let lane: String
        /// How long ago it got on for the last time.
        public let silence: Duration
    }

    /// One lane of work, for the task or thread that does it.
    public final class Lane: Sendable {
        /// What logs call it.
        public let name: String
        /// How long it may work without getting on.
        public let limit: Duration
        private let now: @Sendable () -> SuspendingClock.Instant
        private let lastMark = Mutex<SuspendingClock.Instant?>(nil)

        init(_ name: String, _ limit: Duration, _ now: @escaping @Sendable () -> SuspendingClock.Instant) {
            (self.name, self.limit, self.now) = (name, limit, now)
        }

        /// Says that work has begun or got on.
        public func advance() { lastMark.withLock { $0 = now() } }

        /// Says that there is nothing to do.
        public func rest() { lastMark.withLock { $0 = nil } }

        /// How long ago it got on for the last time, if that is longer than allowed.
        var stall: Stall? {
            guard let last = lastMark.withLock({ $0 }) else { return nil }
            let silence = last.duration(to: now())
            return silence > limit ? Stall(lane: name, silence: silence) : nil
        }
    }

    private let now: @Sendable () -> SuspendingClock.Instant
    private let lanes = Mutex<[Lane]>([])

    /// Starts without lanes.
    ///
    /// - Parameter now: The time; that of a suspended machine does not count.
    public init(now: @escaping @Sendable () -> SuspendingClock.Instant = { SuspendingClock().now }) { self.now = now }

    /// Adds a lane, which rests at first.
    ///
    /// - Parameters:
    ///   - name: What logs call it.
    ///   - limit: How long it may work without getting on.
    public func lane(_ name: String, limit: Duration) -> Lane {
        let lane = Lane(name, limit, now)
        lanes.withLock { $0.append(lane) }
        return lane
    }

    /// The lanes that are stuck now.
    public var stalls: [Stall] { lanes.withLock { $0 }.compactMap(\.stall) }
}
