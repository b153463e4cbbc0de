import Images

/// What was seen: the originals that reconstructions are compared with.
public struct EvaluationItems: Sendable {
    /// A name for each item.
    public let names: [String]
    /// What was seen, all of one size.
    public let originals: [Image8]
    /// Items with an equal number have the same original.
    public let identities: [Int]
    /// The class of each item, a position in `classNames`; nil where there are no classes.
    public let classes: [Int]?
    /// The names of the classes.
    public let classNames: [String]
    /// Pairs are compared among items with an equal number only, such as those of one fold; nil if all are compared.
    public let groups: [Int]?

    /// Collects items; there are at least two, and everything has an element for each.
    /// - Parameter identities: by default, images with equal pixels are one original.
    public init(
        names: [String],
        originals: [Image8],
        identities: [Int]? = nil,
        classes: [Int]? = nil,
        classNames: [String] = [],
        groups: [Int]? = nil
    ) {
        precondition(originals.count >= 2 && names.count == originals.count, "An evaluation needs two items.")
        precondition(identities?.count ?? names.count == names.count && classes?.count ?? names.count == names.count)
        precondition(groups?.count ?? names.count == names.count)
        self.names = names
        self.originals = originals
        var firsts: [[UInt8]: Int] = [:]
        self.identities =
            identities
            ?? originals.enumerated().map { index, image in
                if let first = firsts[image.bytes] { return first }
                firsts[image.bytes] = index
                return index
            }
        self.classes = classes
        self.classNames = classNames
        self.groups = groups
    }

    /// The number of items.
    public var count: Int { names.count }

    /// The name of an item's class, if there are classes.
    public func className(_ item: Int) -> String? {
        guard let index = classes?[item] else { return nil }
        return classNames.indices.contains(index) ? classNames[index] : String(index)
    }
}

/// Images that one method made of the patterns of all items.
public struct Reconstructions: Sendable {
    /// A short name for files and scripts.
    public let identifier: String
    /// What tables call it.
    public let title: String
    /// Whether it is what is evaluated, not a baseline.
    public let isSubject: Bool
    /// The images, `[sample][item]`; a method that knows no chance has one sample.
    public let samples: [[FloatImage]]

    /// Collects images; every sample has an image for each item.
    public init(identifier: String, title: String, isSubject: Bool = false, samples: [[FloatImage]]) {
        precondition(!samples.isEmpty && samples.allSatisfy { $0.count == samples[0].count }, "A sample is incomplete.")
        (self.identifier, self.title, self.isSubject, self.samples) = (identifier, title, isSubject, samples)
    }

    /// The mean of the samples of each item.
    public var means: [FloatImage] {
        samples[0].indices.map { item in FloatImage.mean(samples.map { $0[item] }) }
    }
}
