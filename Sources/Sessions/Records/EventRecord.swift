import Neuroimaging

/// A stimulus of a run.
public struct EventRecord: LogRecord {
    /// How an event became known.
    public enum Source: String, Sendable, Codable, CaseIterable {
        /// By the stream of volumes.
        case stream
        /// From a BIDS table.
        case file
        /// By a message of the computer that shows stimuli.
        case trigger
    }

    /// The table that it belongs to.
    public static let table = "event"

    /// The number of the row; nil until it is stored.
    public var id: Int64?
    /// The run's row.
    public var runID: Int64
    /// The number of the trial that it begins, from 0; nil where it is no trial.
    public var trial: Int?
    /// When it began, in s after the start of the first volume.
    public var onset: Double
    /// How long it lasted, in s.
    public var duration: Double?
    /// The condition: BIDS `trial_type`.
    public var trialType: String?
    /// The stimulus: BIDS `stim_file`.
    public var stimulusFile: String?
    /// How strong the response to it is expected to be.
    public var modulation: Double
    /// What else is known of it.
    public var attributes: [String: String]
    /// How it became known.
    public var source: Source
    /// When it became known, in s since 1970.
    public var receivedAt: Double?
    /// It was made known to processing before the volume of this ``VolumeRecord/index`` was processed: a replay
    /// needs the same order.
    public var beforeVolume: Int
    /// How its onset was found.
    public var onsetRule: String
    /// Its place in the stream.
    public var position: StreamPosition?

    /// Describes an event.
    public init(
        runID: Int64,
        trial: Int?,
        event: StimulusEvent,
        source: Source,
        receivedAt: Double? = nil,
        beforeVolume: Int,
        onsetRule: String,
        position: StreamPosition? = nil
    ) {
        (self.runID, self.trial, self.source) = (runID, trial, source)
        (onset, duration, modulation) = (event.onset, event.duration, event.modulation)
        (trialType, stimulusFile, attributes) = (event.trialType, event.stimulusFile, event.attributes)
        (self.receivedAt, self.beforeVolume, self.onsetRule) = (receivedAt, beforeVolume, onsetRule)
        self.position = position
    }

    /// The stimulus.
    public var event: StimulusEvent {
        StimulusEvent(
            onset: onset,
            duration: duration,
            trialType: trialType,
            stimulusFile: stimulusFile,
            modulation: modulation,
            attributes: attributes
        )
    }
}
