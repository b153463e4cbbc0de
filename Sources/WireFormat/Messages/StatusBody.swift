/// How the daemon is (topic `status`), published at an interval.
public struct StatusBody: MessageBody, Equatable {
    /// What became of the volumes of a run.
    public struct Volumes: Sendable, Equatable, Codable {
        /// Volumes that arrived.
        public var received = 0
        /// Volumes that were processed.
        public var processed = 0
        /// Volumes that arrived again, and were not taken.
        public var duplicate = 0
        /// Volumes that arrived after they had been given up.
        public var late = 0
        /// Volumes that were given up.
        public var missing = 0
        /// Volumes that were dropped because too many waited.
        public var dropped = 0
        /// Volumes that were not what they said.
        public var refused = 0
        /// Volumes that are safe on disk.
        public var recorded = 0

        /// None yet.
        public init() {}
    }

    /// What became of the trials of a run; of several images of a trial, the first counts.
    public struct Trials: Sendable, Equatable, Codable {
        /// Patterns that were published.
        public var patterns = 0
        /// Trials whose image was published whole.
        public var decoded = 0
        /// Trials whose image, whole or not, came after its deadline.
        public var late = 0
        /// Trials of whose image a preview was published, because it was cut short.
        public var cutShort = 0
        /// Patterns that were not decoded because too many waited.
        public var dropped = 0

        /// None yet.
        public init() {}
    }

    /// How much a queue has seen.
    public struct Queue: Sendable, Equatable, Codable {
        /// Elements that were offered.
        public var offered: Int
        /// Elements that were dropped.
        public var dropped: Int
        /// Elements that wait now.
        public var waiting: Int
        /// The most elements that ever waited.
        public var highWater: Int

        /// Describes a queue.
        public init(offered: Int, dropped: Int, waiting: Int, highWater: Int) {
            self.offered = offered
            self.dropped = dropped
            self.waiting = waiting
            self.highWater = highWater
        }
    }

    /// How the recording is.
    public struct Recording: Sendable, Equatable, Codable {
        /// Such as `on`, `off` or `stopped`.
        public var state: String
        /// Why it is so.
        public var detail: String?
        /// Free space where it is written, in bytes.
        public var freeBytes: Int?

        /// Describes a recording.
        public init(state: String, detail: String? = nil, freeBytes: Int? = nil) {
            self.state = state
            self.detail = detail
            self.freeBytes = freeBytes
        }
    }

    /// How long a stage took, in ms.
    public struct Latency: Sendable, Equatable, Codable {
        /// How often it was measured.
        public var count: Int
        /// The median.
        public var median: Double
        /// The 90th percentile.
        public var p90: Double
        /// The 99th percentile.
        public var p99: Double
        /// The longest.
        public var max: Double

        /// Describes a stage.
        public init(count: Int, median: Double, p90: Double, p99: Double, max: Double) {
            self.count = count
            self.median = median
            self.p90 = p90
            self.p99 = p99
            self.max = max
        }
    }

    /// The topic.
    public static let topics: Set<Topic> = [.status]

    /// What the daemon does, such as `waiting` or `running`.
    public var state: String
    /// Where volumes come from.
    public var source: String
    /// The decoder bundle's hash.
    public var bundle: String?
    /// The last volume that was processed.
    public var index: Int?
    /// What became of the volumes.
    public var volumes = Volumes()
    /// What became of the trials.
    public var trials = Trials()
    /// The queues by name.
    public var queues: [String: Queue] = [:]
    /// How the recording is.
    public var recording = Recording(state: "off")
    /// How long each stage took.
    public var latencies: [String: Latency] = [:]
    /// Faults since the start.
    public var faults = 0
    /// Faults since the start by kind.
    public var faultCounts: [String: Int] = [:]

    /// Describes a daemon to which nothing has happened yet.
    public init(state: String, source: String) {
        self.state = state
        self.source = source
    }

    /// Throws if a field is out of its range, or there is a payload.
    public func check(payload: [[UInt8]], _ limits: MessageLimits) throws(WireError) {
        try Check.name(state, "state", limits)
        try Check.text(source, "source", limits.textLength)
        try Check.text(bundle, "bundle", limits.nameLength)
        try Check.index(index, "index", limits)
        try Check.name(recording.state, "recording.state", limits)
        try Check.text(recording.detail, "recording.detail", limits.textLength)
        for (field, names) in [
            ("queues", Array(queues.keys)), ("latencies", Array(latencies.keys)),
            ("faultCounts", Array(faultCounts.keys)),
        ] {
            try Check.count(names.count, field, limits)
            for name in names { try Check.text(name, field, limits.nameLength) }
        }
        for (stage, latency) in latencies {
            try Check.finite([latency.median, latency.p90, latency.p99, latency.max], "latencies.\(stage)")
        }
        try Check.noPayload(payload)
    }
}
