import Images

/// Images that were shown, and what is known of them.
public struct StimulusSet: Sendable {
    /// The images.
    public let images: [Image8]
    /// A name for each image.
    public let names: [String]
    /// The category of each image; empty where there are no categories.
    public let categories: [StimulusCategory]
    /// The class of each image, a position in `classNames`; empty where there are no classes.
    public let classes: [Int]
    /// The names of the classes.
    public let classNames: [String]

    /// Collects images; `names` and `classes`, unless empty, have an element for each.
    public init(
        images: [Image8],
        names: [String],
        categories: [StimulusCategory] = [],
        classes: [Int] = [],
        classNames: [String] = []
    ) {
        precondition(names.count == images.count && (classes.isEmpty || classes.count == images.count))
        self.images = images
        self.names = names
        self.categories = categories
        self.classes = classes
        self.classNames = classNames
    }

    /// The name of an image's class, its number where classes have no names; nil where there are no classes.
    public func className(ofImage index: Int) -> String? {
        classes.isEmpty ? nil : classNames.isEmpty ? "\(classes[index])" : classNames[classes[index]]
    }
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

    /// Pairs responses with images; `imageIndices` has a position in `stimuli` for each row.
    public init(responses: ResponseMatrix, imageIndices: [Int], isSingleTrial: [Bool]? = nil, stimuli: StimulusSet) {
        precondition(imageIndices.count == responses.rows && imageIndices.allSatisfy(stimuli.images.indices.contains))
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

    /// The class of a row's image, if there are classes.
    public func imageClass(ofRow row: Int) -> Int? {
        stimuli.classes.isEmpty ? nil : stimuli.classes[imageIndices[row]]
    }

    /// The given rows, in their order, with all images.
    public func selecting(rows: [Int]) -> StimulusResponses {
        StimulusResponses(
            responses: responses.selecting(rows: rows),
            imageIndices: rows.map { imageIndices[$0] },
            isSingleTrial: rows.map { isSingleTrial[$0] },
            stimuli: stimuli
        )
    }

    /// The rows that are not single trials of an average.
    public var averagedRows: [Int] {
        responses.rows == 0 ? [] : (0..<responses.rows).filter { !isSingleTrial[$0] }
    }
}
