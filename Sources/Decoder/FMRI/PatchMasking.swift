import Foundation
import Tensors

/// Which patches of each item the encoder sees, and in which order.
public struct PatchSelection: Sendable {
    /// The visible patches of each item, in the order in which the encoder gets them: K numbers below L.
    public let kept: [[Int]]
    /// For each patch of each item its place in the shuffled order: a place below K is a visible patch.
    public let restore: [[Int]]
    /// `[B, L]`: 1 for a hidden patch, 0 for a visible one.
    public let mask: Tensor

    /// The number K of visible patches.
    public var keptCount: Int { kept.first?.count ?? 0 }

    /// The items of both selections, one after the other; both must keep equally many patches.
    public func appending(_ other: PatchSelection) -> PatchSelection {
        let mask = Tensor(uninitialized: [self.mask.shape[0] + other.mask.shape[0], self.mask.shape[1]])
        mask.pointer.update(from: self.mask.pointer, count: self.mask.count)
        (mask.pointer + self.mask.count).update(from: other.mask.pointer, count: other.mask.count)
        return PatchSelection(kept: kept + other.kept, restore: restore + other.restore, mask: mask)
    }
}

/// Random masking of patches (He et al., "Masked autoencoders are scalable vision learners", 2022).
public struct PatchMasking: Sendable, Hashable, Codable {
    /// Patches that are hidden more (or less) often than others.
    public struct Focus: Sendable, Hashable, Codable {
        /// The voxels in focus; they are taken in whole patches, the borders rounded down.
        public var voxels: Range<Int>
        /// The weight of a patch in focus, 0...1; the others have one minus it.
        public var rate: Double

        /// Makes a focus.
        public init(voxels: Range<Int>, rate: Double) {
            self.voxels = voxels
            self.rate = rate
        }
    }

    /// The share of hidden patches, 0...1.
    public var ratio: Double
    /// The patches to hide preferably; by default all are alike.
    public var focus: Focus?

    /// Makes a masking rule.
    public init(ratio: Double = 0.75, focus: Focus? = nil) {
        self.ratio = ratio
        self.focus = focus
    }

    /// The number of visible patches, ⌊L·(1 − ratio)⌋ in double precision.
    ///
    /// The order of the operations matters: of 10 patches at ratio 0.9 none is visible, because 1 − 0.9 < 0.1 in binary.
    public static func keptCount(patches: Int, ratio: Double) -> Int {
        Int(Double(patches) * (1.0 - ratio))
    }

    /// The selection that uniform noise decides: the patches with the smallest numbers stay visible.
    ///
    /// - Parameter noise: `[B, L]`. A focus does not change it: see ``noise(batch:patches:patchSize:random:)``.
    public func selection(noise: Tensor) -> PatchSelection {
        let (batch, patches) = (noise.shape[0], noise.shape[1])
        let kept = Self.keptCount(patches: patches, ratio: ratio)
        let values = noise.elements
        let mask = Tensor(repeating: 1, shape: [batch, patches])
        var keptLists: [[Int]] = []
        var restoreLists: [[Int]] = []
        for item in 0..<batch {
            let row = values[item * patches..<(item + 1) * patches]
            let shuffle = Self.stableOrder(Array(row))
            var restore = Array(repeating: 0, count: patches)
            for (place, patch) in shuffle.enumerated() { restore[patch] = place }
            for patch in shuffle.prefix(kept) { mask.pointer[item * patches + patch] = 0 }
            keptLists.append(Array(shuffle.prefix(kept)))
            restoreLists.append(restore)
        }
        return PatchSelection(kept: keptLists, restore: restoreLists, mask: mask)
    }

    /// A random selection.
    public func selection(
        batch: Int,
        patches: Int,
        patchSize: Int,
        random: inout RandomNumbers
    ) -> PatchSelection {
        selection(noise: noise(batch: batch, patches: patches, patchSize: patchSize, random: &random))
    }

    /// Uniform noise `[B, L]`, with 1.1 at the patches that the focus chose to hide.
    public func noise(batch: Int, patches: Int, patchSize: Int, random: inout RandomNumbers) -> Tensor {
        let noise = random.uniform([batch, patches])
        guard let focus else { return noise }
        let hidden = patches - Self.keptCount(patches: patches, ratio: ratio)
        let inFocus = focus.voxels.lowerBound / patchSize..<focus.voxels.upperBound / patchSize
        for item in 0..<batch {
            // Drawing one by one with weights w is the same as taking the smallest of independent −ln(u)/w
            // (Efraimidis and Spirakis 2006); a patch of weight 0 comes last.
            let keys = (0..<patches).map { patch in
                let weight = inFocus.contains(patch) ? focus.rate : 1 - focus.rate
                let arrival = -log((Double(random.next()) + 1) * 0x1p-32)
                return weight > 0 ? arrival / weight : .infinity
            }
            for patch in Self.stableOrder(keys).prefix(hidden) { noise.pointer[item * patches + patch] = 1.1 }
        }
        return noise
    }

    /// The places of the values in ascending order; equal values keep their order.
    static func stableOrder<Value: Comparable>(_ values: [Value]) -> [Int] {
        values.indices.sorted { values[$0] != values[$1] ? values[$0] < values[$1] : $0 < $1 }
    }
}
