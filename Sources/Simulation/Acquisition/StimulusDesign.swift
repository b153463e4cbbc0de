import Images
import Neuroimaging
import Settings
import Tensors

/// An image that is shown.
public struct SimulatedStimulus: Sendable {
    /// What events call it: BIDS `stim_file`.
    public let name: String
    /// What is seen.
    public let image: GreyImage
    /// What it is a picture of: BIDS `trial_type`.
    public let category: String?

    /// Names an image.
    public init(name: String, image: GreyImage, category: String? = nil) {
        (self.name, self.image, self.category) = (name, image, category)
    }
}

/// When which image is shown.
public struct StimulusDesign: Sendable {
    /// The images' events, in order.
    public let events: [StimulusEvent]
    /// The image of each event, as a place among the stimuli.
    public let order: [Int]
    /// The length of the run in s.
    public let length: Double

    /// Shows every image once, in an order that the seed decides.
    public init(_ settings: StimulusSettings, stimuli: [SimulatedStimulus], seed: UInt64) {
        var random = RandomNumbers(seed: seed, purpose: "design")
        var order = Array(stimuli.indices)
        random.shuffle(&order)
        var onset = settings.leadIn
        var events: [StimulusEvent] = []
        for (number, index) in order.enumerated() {
            if number > 0 { onset += settings.interval + settings.jitter * Double(random.uniform()) }
            events.append(
                StimulusEvent(
                    onset: (1000 * onset).rounded() / 1000,
                    duration: settings.duration,
                    trialType: stimuli[index].category,
                    stimulusFile: stimuli[index].name
                )
            )
        }
        (self.events, self.order) = (events, order)
        length = onset + settings.leadOut
    }
}
