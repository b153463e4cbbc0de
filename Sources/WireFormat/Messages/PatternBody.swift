/// A trial's voxel pattern (topic `pattern`); the payload is its values, float32 little-endian, in the mask's order.
public struct PatternBody: MessageBody, Equatable {
    /// The topic.
    public static let topics: Set<Topic> = [.pattern]

    /// The trial's number in the run, from 0.
    public var trial: Int
    /// When the stimulus began, in s after the start of the first volume.
    public var onset: Double?
    /// How long it lasted, in s.
    public var duration: Double?
    /// The condition.
    public var trialType: String?
    /// What was shown.
    public var stimulusFile: String?
    /// How long after the onset the pattern was read out, in s.
    public var delay: Double
    /// Whether it is the trial's last readout.
    public var isFinal: Bool
    /// The last volume that the pattern depends on.
    public var lastVolume: Int
    /// The number of values.
    public var voxels: Int
    /// Whether the values are z-scores; otherwise they are betas.
    public var standardized: Bool
    /// The number of trials that the z-scores rest on, besides those of earlier runs.
    public var standardizedBy: Int
    /// How many presentations of the stimulus are averaged.
    public var repeats: Int
    /// Why the pattern may be wrong.
    public var doubts: [String]
    /// The decoder bundle's hash.
    public var bundle: String?
    /// The hash of the configuration that made it.
    public var configuration: String
    /// How long each stage took, in ms.
    public var latencies: [String: Double]

    /// Describes a pattern.
    public init(
        trial: Int,
        onset: Double? = nil,
        duration: Double? = nil,
        trialType: String? = nil,
        stimulusFile: String? = nil,
        delay: Double,
        isFinal: Bool,
        lastVolume: Int,
        voxels: Int,
        standardized: Bool,
        standardizedBy: Int = 0,
        repeats: Int = 1,
        doubts: [String] = [],
        bundle: String? = nil,
        configuration: String,
        latencies: [String: Double] = [:]
    ) {
        self.trial = trial
        self.onset = onset
        self.duration = duration
        self.trialType = trialType
        self.stimulusFile = stimulusFile
        self.delay = delay
        self.isFinal = isFinal
        self.lastVolume = lastVolume
        self.voxels = voxels
        self.standardized = standardized
        self.standardizedBy = standardizedBy
        self.repeats = repeats
        self.doubts = doubts
        self.bundle = bundle
        self.configuration = configuration
        self.latencies = latencies
    }

    /// Throws if a field is out of its range, or the payload does not have the values that the header says.
    public func check(payload: [[UInt8]], _ limits: MessageLimits) throws(WireError) {
        try Check.index(trial, "trial", limits)
        try Check.finite(onset, "onset")
        try Check.finite(duration, "duration")
        try Check.text(trialType, "trialType", limits.nameLength)
        try Check.text(stimulusFile, "stimulusFile", limits.textLength)
        try Check.finite(delay, "delay")
        try Check.index(lastVolume, "lastVolume", limits)
        try Check.index(repeats, "repeats", limits)
        try Check.index(standardizedBy, "standardizedBy", limits)
        try Check.texts(doubts, "doubts", limits)
        try Check.text(bundle, "bundle", limits.nameLength)
        try Check.text(configuration, "configuration", limits.nameLength)
        try Check.latencies(latencies, limits)
        guard (1...max(1, limits.voxels)).contains(voxels) else {
            throw WireError(.tooLarge, "voxels", "is \(voxels), not 1 to \(limits.voxels)")
        }
        let bytes = try Check.onePayload(payload)
        guard bytes.count == voxels * 4 else {
            throw WireError(
                .corrupt,
                "payload",
                "has \(bytes.count) bytes, not the \(voxels * 4) of \(voxels) values"
            )
        }
    }
}
