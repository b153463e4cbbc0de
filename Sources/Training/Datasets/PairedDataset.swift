/// Responses to images, split into those to learn from and those to judge by.
public struct PairedDataset: Sendable {
    /// What it is called in reports.
    public let name: String
    /// The responses to learn from; validation is split off from them.
    public let training: StimulusResponses
    /// The responses that nothing is chosen by.
    public let test: StimulusResponses

    /// Pairs the two parts; both have equally many voxels.
    public init(name: String, training: StimulusResponses, test: StimulusResponses) {
        precondition(test.responses.rows == 0 || test.responses.columns == training.responses.columns)
        (self.name, self.training, self.test) = (name, training, test)
    }
}
