/// Something that happened during a run: a stimulus, a response, a rest.
public struct StimulusEvent: Sendable, Equatable, Codable {
    /// When it began, in seconds after the start of the first volume; events before it have negative onsets.
    public var onset: Double
    /// How long it lasted, in seconds; nothing while or where that is not known, 0 for an impulse.
    public var duration: Double?
    /// The condition: BIDS `trial_type`.
    public var trialType: String?
    /// The stimulus: BIDS `stim_file`, relative to the data set's `stimuli` folder.
    public var stimulusFile: String?
    /// How strong the response to it is expected to be, 1 unless there is a column `modulation`.
    public var modulation: Double
    /// The values of all other columns that are not missing, by column.
    public var attributes: [String: String]

    /// Describes an event.
    public init(
        onset: Double,
        duration: Double?,
        trialType: String? = nil,
        stimulusFile: String? = nil,
        modulation: Double = 1,
        attributes: [String: String] = [:]
    ) {
        self.onset = onset
        self.duration = duration
        self.trialType = trialType
        self.stimulusFile = stimulusFile
        self.modulation = modulation
        self.attributes = attributes
    }
}
