/// What an evaluation measures; every quantity is a mean over items.
public enum Quantity: String, CaseIterable, Sendable, Codable {
    /// Pearson's correlation of pixels.
    case correlation
    /// The mean squared error of values in 0…1.
    case squaredError
    /// The structural similarity.
    case structuralSimilarity
    /// Pair-wise identification by correlation.
    case identification
    /// Pair-wise identification by squared error.
    case identificationByError
    /// Pair-wise identification by structural similarity.
    case identificationBySimilarity
    /// Pair-wise identification by correlation, among items of the same class.
    case identificationWithinClass
    /// How often the own original correlates more than all others.
    case firstOfAll
    /// The 50-way top-1 accuracy of a classifier.
    case semantic50
    /// The 100-way top-1 accuracy of a classifier.
    case semantic100

    /// What tables call it.
    public var title: String {
        switch self {
        case .correlation: "Pixel correlation"
        case .squaredError: "Mean squared error"
        case .structuralSimilarity: "Structural similarity"
        case .identification: "Pair-wise identification"
        case .identificationByError: "Identification by squared error"
        case .identificationBySimilarity: "Identification by structural similarity"
        case .identificationWithinClass: "Identification within the class"
        case .firstOfAll: "First of all originals"
        case .semantic50: "50-way top-1 accuracy"
        case .semantic100: "100-way top-1 accuracy"
        }
    }

    /// What it is, in a sentence.
    public var definition: String {
        switch self {
        case .correlation: "Pearson's correlation over all pixels and channels of reconstruction and original."
        case .squaredError: "The mean squared difference of pixels from 0 (black) to 1 (white); smaller is better."
        case .structuralSimilarity:
            "The structural similarity index (Wang et al. 2004) with uniform windows of 7×7 pixels."
        case .identification:
            "The share of the other originals that correlate less with the reconstruction than its own original does."
        case .identificationByError: "The same, by the squared error in place of the correlation."
        case .identificationBySimilarity: "The same, by the structural similarity in place of the correlation."
        case .identificationWithinClass:
            "Pair-wise identification by correlation among originals of the same class only: more than telling classes "
                + "apart."
        case .firstOfAll: "How often the own original correlates more with the reconstruction than every other does."
        case .semantic50, .semantic100:
            "How often a classifier gives the class that it sees in the original more probability than others drawn at "
                + "random; the expectation over all draws."
        }
    }

    /// Which values are the better ones.
    public var better: PairwiseIdentification.Preference { self == .squaredError ? .smaller : .larger }

    /// Whether it is a share of successes.
    public var isShare: Bool {
        switch self {
        case .correlation, .squaredError, .structuralSimilarity: false
        default: true
        }
    }
}

/// What a method reached in one quantity.
public struct Score: Sendable, Equatable, Codable {
    /// What was measured.
    public var quantity: Quantity
    /// The mean over items.
    public var value: Double
    /// The interval of 95 % that resampling items gives.
    public var interval: Interval?
    /// The exact interval of 95 % of a share of successes; only where each item succeeds or fails.
    public var exactInterval: Interval?
    /// What chance gives.
    public var chance: Double?
    /// The probability of so good a value if originals are exchanged at random.
    public var probability: Double?
    /// The value of each item; nothing where an item has none.
    public var items: [Double?]
}

/// What a method reached.
public struct MethodScores: Sendable, Equatable, Codable {
    /// A short name for files and scripts.
    public var identifier: String
    /// What tables call it.
    public var title: String
    /// Whether it is what is evaluated, not a baseline.
    public var isSubject: Bool
    /// The number of images per item, whose scores are averaged.
    public var samples: Int
    /// The scores.
    public var scores: [Score]

    /// The score in a quantity.
    public subscript(quantity: Quantity) -> Score? { scores.first { $0.quantity == quantity } }
}

/// Two methods on the same items.
public struct Comparison: Sendable, Equatable, Codable {
    /// What was measured.
    public var quantity: Quantity
    /// The method that is evaluated.
    public var subject: String
    /// The method that it is compared with.
    public var baseline: String
    /// The subject's mean less the baseline's.
    public var difference: Double
    /// The interval of 95 % that resampling items gives.
    public var interval: Interval?
    /// The two-sided probability of so large a difference if the signs of the items' differences were random.
    public var probability: Double
}
