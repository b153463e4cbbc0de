import Tensors

/// A split of items into folds, each of which holds its share of every class.
public struct StratifiedFolds: Sendable, Equatable {
    /// The fold of each item.
    public let folds: [Int]
    /// The number of folds.
    public let count: Int

    /// Deals the items of each class, in random order, to the folds in turn, and goes on where the class before ended.
    ///
    /// So the sizes of folds differ by one at most, and so do the numbers of each class in them.
    /// - Parameters:
    ///   - classes: the class of each item.
    ///   - count: from 2 to the number of items.
    public init(classes: [Int], count: Int, seed: UInt64) {
        precondition(count >= 2 && count <= classes.count, "\(classes.count) items do not make \(count) folds.")
        var numbers = RandomNumbers(seed: seed, purpose: "stratified folds")
        var folds = [Int](repeating: 0, count: classes.count)
        var next = 0
        for members in Dictionary(grouping: classes.indices, by: { classes[$0] }).sorted(by: { $0.key < $1.key }) {
            var items = members.value
            numbers.shuffle(&items)
            for item in items {
                folds[item] = next % count
                next += 1
            }
        }
        (self.folds, self.count) = (folds, count)
    }

    /// The items of a fold, in their order.
    public func test(_ fold: Int) -> [Int] { folds.indices.filter { folds[$0] == fold } }

    /// The items of all other folds, in their order.
    public func training(_ fold: Int) -> [Int] { folds.indices.filter { folds[$0] != fold } }
}
