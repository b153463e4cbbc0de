/// What came of a run.
public struct RunSummary: Sendable, Equatable, Codable {
    /// What tells it from the others of its session.
    public var name: String
    /// What the person did.
    public var task: String?
    /// How far it came.
    public var state: RunRecord.State
    /// Why it ended.
    public var endReason: String?
    /// When it began, in s since 1970.
    public var startedAt: Double
    /// When it ended, in s since 1970.
    public var endedAt: Double?
    /// The time from volume to volume in s.
    public var repetitionTime: Double
    /// The number of volumes that it was planned to have.
    public var plannedVolumes: Int
    /// How many volumes there are of each status.
    public var volumes: [String: Int]
    /// The number of volumes that were recorded.
    public var recordedVolumes: Int
    /// How far the head moved from volume to volume, in mm.
    public var framewiseDisplacement: Percentiles?
    /// How much the head changed from volume to volume, in percent.
    public var dvars: Percentiles?
    /// The temporal signal-to-noise ratio at the end.
    public var temporalSignalToNoise: Double?
    /// How many volumes have each flag.
    public var flags: [String: Int]
    /// The number of events.
    public var events: Int
    /// The number of trials with a pattern.
    public var trials: Int
    /// The number of trials whose last pattern is not to be trusted.
    public var doubtfulTrials: Int
    /// The number of images.
    public var images: Int
    /// The number of images with fewer steps than planned.
    public var imagesCutShort: Int
    /// The number of images that came after their deadline.
    public var imagesLate: Int
    /// How long the stages of volumes took, in ms.
    public var volumeLatencies: [String: Percentiles]
    /// How long the stages of trials took, in ms.
    public var trialLatencies: [String: Percentiles]
    /// How long the stages of images took, in ms.
    public var imageLatencies: [String: Percentiles]

    /// Sums up a run of a log.
    public init(_ run: RunRecord, log: SessionLog) throws(SessionError) {
        guard let id = run.id else { throw SessionError(.missing, run.name, "the run is not stored") }
        let (volumes, trials) = (try log.volumes(ofRun: id), try log.trials(ofRun: id))
        let images = try log.reconstructions(ofRun: id)
        (name, task, state, endReason) = (run.name, run.task, run.state, run.endReason)
        (startedAt, endedAt) = (run.startedAt, run.endedAt)
        (repetitionTime, plannedVolumes) = (run.repetitionTime, run.plannedVolumes)
        self.volumes = Self.counts(volumes.map(\.status.rawValue))
        recordedVolumes = volumes.count { $0.recording != nil }
        framewiseDisplacement = Percentiles(volumes.compactMap(\.framewiseDisplacement))
        dvars = Percentiles(volumes.compactMap(\.dvars))
        temporalSignalToNoise = volumes.last { $0.temporalSignalToNoise != nil }?.temporalSignalToNoise
        flags = Self.counts(volumes.flatMap(\.flags))
        events = try log.events(ofRun: id).count
        let last = Dictionary(trials.map { ($0.trial, $0) }) { $0.readout > $1.readout ? $0 : $1 }
        self.trials = last.count
        doubtfulTrials = last.values.count { !$0.doubts.isEmpty }
        self.images = images.count
        imagesCutShort = images.count(where: \.isCutShort)
        imagesLate = images.count(where: \.isLate)
        volumeLatencies = Self.percentiles(volumes.map(\.latencies))
        trialLatencies = Self.percentiles(trials.map(\.latencies))
        imageLatencies = Self.percentiles(images.map(\.latencies))
    }

    private static func counts(_ names: [String]) -> [String: Int] {
        names.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func percentiles(_ latencies: [[String: Double]]) -> [String: Percentiles] {
        var stages: [String: [Double]] = [:]
        for latency in latencies {
            for (stage, time) in latency { stages[stage, default: []].append(time) }
        }
        return stages.compactMapValues { Percentiles($0) }
    }
}
