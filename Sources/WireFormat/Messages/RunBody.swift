/// A run begins or ends (topic `run`).
public struct RunBody: MessageBody, Equatable {
    /// Whether it begins or ends.
    public enum Phase: String, Sendable, Codable {
        /// The run begins: the next volume is its first.
        case start
        /// The run is over: no volume of it follows.
        case end
    }

    /// The topic.
    public static let topics: Set<Topic> = [.run]

    /// Whether it begins or ends.
    public var phase: Phase
    /// The person, without name: BIDS `sub`.
    public var subject: String?
    /// What the person does: BIDS `task`.
    public var task: String?
    /// The time from volume to volume in s.
    public var repetitionTime: Double?
    /// The number of volumes that the run is planned to have.
    public var plannedVolumes: Int?
    /// When the first volume's acquisition began, in s since 1970 on the publisher's clock.
    public var startedAt: Double?
    /// Why the run is over.
    public var reason: String?

    /// Describes the start or end of a run.
    public init(
        phase: Phase,
        subject: String? = nil,
        task: String? = nil,
        repetitionTime: Double? = nil,
        plannedVolumes: Int? = nil,
        startedAt: Double? = nil,
        reason: String? = nil
    ) {
        self.phase = phase
        self.subject = subject
        self.task = task
        self.repetitionTime = repetitionTime
        self.plannedVolumes = plannedVolumes
        self.startedAt = startedAt
        self.reason = reason
    }

    /// Throws if a field is out of its range, or there is a payload.
    public func check(payload: [[UInt8]], _ limits: MessageLimits) throws(WireError) {
        try Check.name(subject, "subject", limits)
        try Check.name(task, "task", limits)
        try Check.repetitionTime(repetitionTime)
        try Check.index(plannedVolumes, "plannedVolumes", limits)
        try Check.time(startedAt, "startedAt")
        try Check.text(reason, "reason", limits.textLength)
        try Check.noPayload(payload)
    }
}
