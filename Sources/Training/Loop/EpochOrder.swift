import Tensors

/// The order of the items of every epoch: a permutation that follows from the seed and the number of the epoch alone.
struct EpochOrder {
    let count: Int
    let seed: UInt64
    let purpose: String
    private var epoch = -1
    private var order: [Int] = []

    init(count: Int, seed: UInt64, purpose: String) {
        (self.count, self.seed, self.purpose) = (count, seed, purpose)
    }

    /// The items of an update: `batch` positions of the endless sequence of epochs.
    mutating func items(step: Int, batch: Int) -> [Int] {
        (step * batch..<(step + 1) * batch).map { position in
            if position / count != epoch {
                epoch = position / count
                order = Self.permutation(count, seed: seed, purpose: purpose, index: UInt64(epoch))
            }
            return order[position % count]
        }
    }

    /// A uniformly random order of `0..<count` (Fisher and Yates).
    static func permutation(_ count: Int, seed: UInt64, purpose: String, index: UInt64 = 0) -> [Int] {
        var random = RandomNumbers(seed: seed, purpose: purpose, index: index)
        var order = Array(0..<count)
        for position in order.indices.dropLast() {
            order.swapAt(position, position + random.integer(below: count - position))
        }
        return order
    }
}
