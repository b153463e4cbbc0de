import Images

/// Images that were shown, and what is known of them.
public struct StimulusSet: Sendable {
    /// The images.
    public let images: [Image8]
    /// A name for each image.
    public let names: [String]
    /// The category of each image; empty where there are no categories.
    public let categories: [StimulusCategory]
}

/// The category of an image.
public struct StimulusCategory: Sendable, Equatable {
    /// The WordNet identifier, for instance `n01518878`.
    public let synset: String
    /// The class of an ImageNet classifier.
    public let classIndex: Int
    /// The position of the synset in order of first appearance.
    public let naiveIndex: Int
}

/// Responses paired with the images under which they were recorded.
public struct StimulusResponses: Sendable {
    /// One row per response.
    public let responses: ResponseMatrix
    /// The position in `stimuli` of each row's image.
    public let imageIndices: [Int]
    /// Whether a row is one of several trials of its image that another row averages.
    public let isSingleTrial: [Bool]
    /// The images.
    public let stimuli: StimulusSet

    init(responses: ResponseMatrix, imageIndices: [Int], isSingleTrial: [Bool]? = nil, stimuli: StimulusSet) {
        self.responses = responses
        self.imageIndices = imageIndices
        self.isSingleTrial = isSingleTrial ?? Array(repeating: false, count: responses.rows)
        self.stimuli = stimuli
    }

    /// The image of a row.
    public func image(ofRow row: Int) -> Image8 {
        stimuli.images[imageIndices[row]]
    }

    /// The category of a row, if there are categories.
    public func category(ofRow row: Int) -> StimulusCategory? {
        stimuli.categories.isEmpty ? nil : stimuli.categories[imageIndices[row]]
    }

    /// The rows that are not single trials of an average.
    public var averagedRows: [Int] {
        responses.rows == 0 ? [] : (0..<responses.rows).filter { !isSingleTrial[$0] }
    }
}
