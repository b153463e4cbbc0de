/// A stimulus that is announced or reported (topic `event`).
///
/// It began at ``onset``, or at ``time``; without either, when the message arrived.
public struct EventBody: MessageBody, Equatable {
    /// The topic.
    public static let topics: Set<Topic> = [.event]

    /// When it began, in s after the start of the first volume.
    public var onset: Double?
    /// When it began, in s since 1970 on the clock of the computer that shows stimuli.
    public var time: Double?
    /// How long it lasts, in s.
    public var duration: Double?
    /// The condition: BIDS `trial_type`.
    public var trialType: String?
    /// What was shown: BIDS `stim_file`.
    public var stimulusFile: String?
    /// The height of the response that is expected of it; 1 where not said.
    public var modulation: Double?
    /// What else there is to say, by name.
    public var attributes: [String: String]?

    /// Describes a stimulus.
    public init(
        onset: Double? = nil,
        time: Double? = nil,
        duration: Double? = nil,
        trialType: String? = nil,
        stimulusFile: String? = nil,
        modulation: Double? = nil,
        attributes: [String: String]? = nil
    ) {
        self.onset = onset
        self.time = time
        self.duration = duration
        self.trialType = trialType
        self.stimulusFile = stimulusFile
        self.modulation = modulation
        self.attributes = attributes
    }

    /// Throws if a field is out of its range, or there is a payload.
    public func check(payload: [[UInt8]], _ limits: MessageLimits) throws(WireError) {
        if onset != nil, time != nil {
            throw WireError(.malformed, "onset", "is given twice, as onset and as time; give one")
        }
        if let onset, !(abs(onset) < 1e6) {
            throw WireError(.malformed, "onset", "is \(onset); it is in seconds after the start of the first volume")
        }
        try Check.time(time, "time")
        if let duration, !(duration >= 0 && duration < 1e6) {
            throw WireError(.malformed, "duration", "is \(duration); it is in seconds, from 0")
        }
        try Check.text(trialType, "trialType", limits.nameLength)
        try Check.text(stimulusFile, "stimulusFile", limits.textLength)
        try Check.finite(modulation, "modulation")
        let attributes = attributes ?? [:]
        try Check.count(attributes.count, "attributes", limits)
        for (name, value) in attributes {
            try Check.name(name, "attributes", limits)
            try Check.text(value, "attributes.\(name)", limits.textLength)
        }
        try Check.noPayload(payload)
    }
}

/// A pulse of the scanner, as the computer that shows stimuli saw it (topic `trigger`).
public struct TriggerBody: MessageBody, Equatable {
    /// The topic.
    public static let topics: Set<Topic> = [.trigger]

    /// The volume whose acquisition began with the pulse.
    public var volume: Int
    /// When, in s since 1970 on that computer's clock.
    public var time: Double

    /// Describes a pulse.
    public init(volume: Int, time: Double) {
        self.volume = volume
        self.time = time
    }

    /// Throws if a field is out of its range, or there is a payload.
    public func check(payload: [[UInt8]], _ limits: MessageLimits) throws(WireError) {
        try Check.index(volume, "volume", limits)
        try Check.time(time, "time")
        try Check.noPayload(payload)
    }
}
