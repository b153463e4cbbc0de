/// What was sent, and what went wrong on purpose.
public struct ReplaySummary: Sendable, Codable, Equatable {
    /// Where the run came from.
    public var source: String
    /// The session that it was sent as.
    public var session: String
    /// The run that it was sent as.
    public var run: String
    /// The volumes of the run.
    public var volumes: Int
    /// The messages with volumes that left, second ones included.
    public var sent = 0
    /// The events that left.
    public var events = 0
    /// How often each fault was injected.
    public var counts: [String: Int]
    /// Each of them.
    public var injections: [ReplayPlan.Injection]
    /// How long it took, in s.
    public var seconds = 0.0
    /// How long after its moment the latest step was, in s.
    public var latest = 0.0

    init(source: String, session: String, run: String, plan: ReplayPlan) {
        (self.source, self.session, self.run) = (source, session, run)
        volumes = plan.steps.count { step in
            if case .volume(_, let delivery) = step.action { !delivery.isRepeated } else { false }
        }
        injections = plan.injections
        counts = Dictionary(plan.injections.map { ($0.fault.rawValue, 1) }, uniquingKeysWith: +)
    }
}
