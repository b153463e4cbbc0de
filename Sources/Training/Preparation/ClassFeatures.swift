/// The class of an image as numbers that responses of category-selective regions depend on.
///
/// With K classes these are K − 1 orthogonal contrasts between them (Helmert's), of mean 0 and variance 1 over equally frequent
/// classes.
struct ClassFeatures {
    private let positions: [String: Int]
    /// The number of features.
    var count: Int { max(0, positions.count - 1) }

    /// Contrasts between these classes, in alphabetical order.
    init(_ names: Set<String>) {
        positions = Dictionary(uniqueKeysWithValues: names.sorted().enumerated().map { ($1, $0) })
    }

    /// The features of a class; those of the mean of all classes, 0, for an unknown one.
    func callAsFunction(_ name: String?) -> [Float] {
        guard let position = name.flatMap({ positions[$0] }) else { return Array(repeating: 0, count: count) }
        let scale = Float(positions.count).squareRoot()
        // Each contrast has one class against all before it.
        return (0..<count).map { contrast in
            let before = Float(contrast + 1)
            let length = (before * (before + 1)).squareRoot()
            return position <= contrast ? scale / length : position == contrast + 1 ? -scale * before / length : 0
        }
    }
}
