/// An image decoded from a trial's pattern (topics `preview` and `reconstruction`); the payload is the file's bytes.
public struct ReconstructionBody: MessageBody, Equatable {
    /// The topics.
    public static let topics: Set<Topic> = [.preview, .reconstruction]

    /// The trial's number in the run, from 0.
    public var trial: Int
    /// When the stimulus began, in s after the start of the first volume.
    public var onset: Double?
    /// The condition.
    public var trialType: String?
    /// What was shown.
    public var stimulusFile: String?
    /// How long after the onset the pattern was read out, in s.
    public var delay: Double
    /// Whether the pattern is the trial's last readout.
    public var isFinal: Bool
    /// The last volume that the image depends on.
    public var lastVolume: Int
    /// Which of the trial's images, from 0.
    public var sample: Int
    /// How many images the trial gets.
    public var samples: Int
    /// The sampler.
    public var sampler: String
    /// The sampler's steps that were taken.
    public var steps: Int
    /// The sampler's steps that were planned.
    public var plannedSteps: Int
    /// The seed of everything random.
    public var seed: UInt64
    /// Whether the sampler was stopped before its last step.
    public var isCutShort: Bool
    /// Whether it was published after its deadline.
    public var isLate: Bool
    /// The time from the pattern to the publication, in s.
    public var age: Double
    /// How alike the trial's images are, from 0 to 1, where there are several.
    public var agreement: Double?
    /// Pixels from left to right.
    public var width: Int
    /// Pixels from top to bottom.
    public var height: Int
    /// The format of the payload: `png`.
    public var format: String
    /// The decoder bundle's hash.
    public var bundle: String
    /// The hash of the configuration that made it.
    public var configuration: String
    /// Whether the pattern was of z-scores.
    public var standardized: Bool
    /// The number of trials that the z-scores rest on, besides those of earlier runs.
    public var standardizedBy: Int
    /// How many presentations of the stimulus are averaged in the pattern.
    public var repeats: Int
    /// Why the pattern may be wrong.
    public var doubts: [String]
    /// How long each stage took, in ms.
    public var latencies: [String: Double]

    /// Describes a PNG image; what is not given is as for the only image of a trial, in time and whole.
    public init(
        trial: Int,
        onset: Double? = nil,
        trialType: String? = nil,
        stimulusFile: String? = nil,
        delay: Double,
        isFinal: Bool,
        lastVolume: Int,
        sample: Int = 0,
        samples: Int = 1,
        sampler: String,
        steps: Int,
        plannedSteps: Int,
        seed: UInt64,
        isCutShort: Bool = false,
        isLate: Bool = false,
        age: Double,
        agreement: Double? = nil,
        width: Int,
        height: Int,
        bundle: String,
        configuration: String,
        standardized: Bool,
        standardizedBy: Int = 0,
        repeats: Int = 1,
        doubts: [String] = [],
        latencies: [String: Double] = [:]
    ) {
        (self.trial, self.onset, self.trialType, self.stimulusFile) = (trial, onset, trialType, stimulusFile)
        (self.delay, self.isFinal, self.lastVolume) = (delay, isFinal, lastVolume)
        (self.sample, self.samples, self.sampler) = (sample, samples, sampler)
        (self.steps, self.plannedSteps, self.seed) = (steps, plannedSteps, seed)
        (self.isCutShort, self.isLate, self.age, self.agreement) = (isCutShort, isLate, age, agreement)
        (self.width, self.height, self.format) = (width, height, "png")
        (self.bundle, self.configuration) = (bundle, configuration)
        (self.standardized, self.standardizedBy) = (standardized, standardizedBy)
        (self.repeats, self.doubts, self.latencies) = (repeats, doubts, latencies)
    }

    /// Throws if a field is out of its range, or there is not one part of payload.
    public func check(payload: [[UInt8]], _ limits: MessageLimits) throws(WireError) {
        for (value, field) in [
            (trial, "trial"), (lastVolume, "lastVolume"), (sample, "sample"), (samples, "samples"), (steps, "steps"),
            (plannedSteps, "plannedSteps"), (repeats, "repeats"), (standardizedBy, "standardizedBy"),
        ] {
            try Check.index(value, field, limits)
        }
        for (value, field) in [(onset, "onset"), (delay, "delay"), (age, "age"), (agreement, "agreement")] {
            try Check.finite(value, field)
        }
        for (text, field) in [
            (trialType, "trialType"), (sampler, "sampler"), (bundle, "bundle"), (configuration, "configuration"),
        ] {
            try Check.text(text, field, limits.nameLength)
        }
        try Check.text(stimulusFile, "stimulusFile", limits.textLength)
        try Check.texts(doubts, "doubts", limits)
        try Check.latencies(latencies, limits)
        guard format == "png" else { throw WireError(.unsupported, "format", "is not png") }
        guard (1...limits.imageSide).contains(width), (1...limits.imageSide).contains(height) else {
            throw WireError(.tooLarge, "width", "× height is \(width) × \(height), not 1 to \(limits.imageSide) each")
        }
        _ = try Check.onePayload(payload)
    }
}
