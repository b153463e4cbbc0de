import Decoder
import Foundation
import Images
import Settings
import Tensors

/// What is trained on, prepared: standardised patterns with their images, and the images of the prior.
final class TrainingMaterial {
    /// The recipe.
    let recipe: TrainingRecipe
    /// How patterns were scaled.
    let standardization: PatternStandardization
    /// The patterns that are trained on, standardised and padded.
    let patterns: ResponseMatrix
    /// What the first phase is trained on if there are patterns without images: these, then `patterns`.
    let unlabelled: ResponseMatrix?
    /// The image of each pattern.
    let images: [Image8]
    /// The patterns that are held out of `patterns`, to choose by.
    let validationPatterns: ResponseMatrix
    /// Their images.
    let validationImages: [Image8]
    /// The images of the prior.
    let prior: [Image8]
    /// The class of each; all 0 where there are no classes.
    let priorClasses: [Int]
    /// The number of classes.
    let classCount: Int
    /// The positions of the prior images that responses are simulated for.
    let simulated: [Int]
    /// The model that simulates them.
    let encodingModel: EncodingModel?
    private let responseFeatures: ResponseFeatures?
    private let augmentation: ImageAugmentation

    /// Prepares data.
    /// - Parameters:
    ///   - pairs: what is trained on.
    ///   - prior: further images, without responses; the pairs' own images if nil.
    ///   - unlabelled: further patterns, without images.
    ///   - memory: the bytes that patterns may take.
    init(
        recipe: TrainingRecipe,
        pairs: StimulusResponses,
        prior: StimulusSet?,
        unlabelled: UnlabelledPatterns? = nil,
        memory: Int = .max
    ) throws {
        self.recipe = recipe
        augmentation = ImageAugmentation(recipe.augmentation)
        let rows = pairs.averagedRows
        guard rows.count >= 2 else {
            throw TrainingError(.unsuitable, "pairs", "there are \(rows.count) training pairs; two are the least")
        }
        let held = Self.heldOut(rows, of: pairs, share: recipe.validationShare, seed: recipe.seed)
        let kept = rows.filter { !held.contains($0) }
        let fit = { (image: Image8) in Self.fitted(image, side: recipe.imageSize) }
        let images = kept.map { fit(pairs.image(ofRow: $0)) }
        self.images = images
        validationImages = held.sorted().map { fit(pairs.image(ofRow: $0)) }
        let source = prior ?? pairs.stimuli
        guard !source.images.isEmpty else {
            throw TrainingError(.unsuitable, "images", "there are no images to train the image model on")
        }
        let priorImages = source.images.map(fit)
        self.prior = priorImages
        priorClasses = source.classes.isEmpty ? Array(repeating: 0, count: source.images.count) : source.classes
        classCount = max(source.classNames.count, (priorClasses.max() ?? 0) + 1)
        let shown = Set(kept.compactMap { pairs.stimuli.className(ofImage: pairs.imageIndices[$0]) })
        let simulated = source.images.indices.filter { index in
            guard recipe.simulation.measuredClassesOnly, !shown.isEmpty, let name = source.className(ofImage: index)
            else { return true }
            return shown.contains(name)
        }
        self.simulated = simulated
        let raw = (pairs.responses.selecting(rows: kept), pairs.responses.selecting(rows: held.sorted()))
        let prepared = try PreparedResponses(
            recipe,
            responses: raw.0,
            images: images,
            prior: simulated.map { priorImages[$0] },
            memory: memory
        )
        (standardization, patterns) = (prepared.standardization, prepared.patterns)
        (responseFeatures, encodingModel) = (prepared.features, prepared.encodingModel)
        validationPatterns = try standardization.apply(raw.1)
        let further = try unlabelled?.prepared(standardization, recipe.patterns)
        self.unlabelled = further.map { .stacked([$0, prepared.patterns]) }
    }

    /// The items of an epoch of pairs: the simulated ones where there are some, else the measured ones.
    var pairCount: Int { encodingModel == nil ? patterns.rows : simulated.count }

    /// Pairs to train on, `[B, 1, V]` and `[B, side, side, 3]` in −1…1.
    func pairs(_ items: [Int], random: inout RandomNumbers) -> (patterns: Tensor, images: Tensor) {
        var images: [Tensor] = []
        let patterns = drawPatterns(items, random: &random) { item, random in
            let image = augmented(simulated[item], random: &random)
            images.append(image)
            return features(of: image)
        } measured: { row, _ in
            images.append(self.images[row].signedTensor())
        }
        return (patterns, stacked(images))
    }

    /// Patterns to train on, `[B, 1, V]`; of simulated and measured ones the recipe's share is simulated.
    ///
    /// For each item, in order, either `simulated` is called, which chooses a form of the image and returns its features,
    /// or `measured`, with a row of ``patterns``.
    func drawPatterns(
        _ items: [Int],
        random: inout RandomNumbers,
        simulated: (_ item: Int, inout RandomNumbers) -> [Float],
        measured: (_ row: Int, inout RandomNumbers) -> Void
    ) -> Tensor {
        let width = patterns.columns
        let result = Tensor(uninitialized: [items.count, 1, width])
        var (features, places): ([[Float]], [Int]) = ([], [])
        for (place, item) in items.enumerated() {
            if encodingModel != nil, Double(random.uniform()) < recipe.simulation.share {
                features.append(simulated(item, &random))
                places.append(place)
            } else {
                let row = encodingModel == nil ? item : random.integer(below: patterns.rows)
                measured(row, &random)
                for (index, value) in patterns[row].enumerated() { result.pointer[place * width + index] = value }
            }
        }
        if let encodingModel, !features.isEmpty {
            let drawn = encodingModel.simulate(features, random: &random)
            // Continued to the width of the patterns, as measured ones are.
            let responses = drawn.selecting(columns: (0..<width).map { $0 % drawn.shape[1] })
            for (row, place) in places.enumerated() {
                (result.pointer + place * width).update(from: responses.pointer + row * width, count: width)
            }
        }
        sparsify(result, random: &random)
        return result
    }

    /// Whether training images are changed at random.
    var changesImages: Bool { augmentation.isActive }

    /// A prior image `[side, side, 3]` in −1…1, changed at random.
    func augmented(_ position: Int, random: inout RandomNumbers) -> Tensor {
        augmentation(prior[position].signedTensor(), random: &random)
    }

    /// Images of the prior, `[B, side, side, 3]` in −1…1.
    func priorImages(_ items: [Int], random: inout RandomNumbers) -> Tensor {
        stacked(items.map { augmented($0, random: &random) })
    }

    /// Unlabelled patterns `[B, 1, V]`: measured, and simulated where the recipe says so.
    func unlabelledPatterns(_ items: [Int], random: inout RandomNumbers) -> Tensor {
        guard let unlabelled else { return pairs(items, random: &random).patterns }
        let result = Tensor(uninitialized: [items.count, 1, unlabelled.columns])
        for (place, item) in items.enumerated() {
            for (index, value) in unlabelled[item].enumerated() {
                result.pointer[place * unlabelled.columns + index] = value
            }
        }
        sparsify(result, random: &random)
        return result
    }

    /// The items of an epoch of the first phase.
    var unlabelledCount: Int { unlabelled?.rows ?? pairCount }

    /// Sets the share of voxels to zero that the recipe says.
    private func sparsify(_ patterns: Tensor, random: inout RandomNumbers) {
        guard recipe.patterns.sparsity > 0 else { return }
        let width = patterns.shape[2]
        for item in 0..<patterns.shape[0] {
            let start = patterns.pointer + item * width
            let values = Array(UnsafeBufferPointer(start: start, count: width))
            let sparse = Augmentation.sparsified(values, share: recipe.patterns.sparsity, using: &random)
            for (index, value) in sparse.enumerated() { start[index] = value }
        }
    }

    /// What simulated responses to an image depend on; empty without simulation.
    func features(of image: Tensor) -> [Float] { responseFeatures?(image) ?? [] }

    /// A square image of the given side: the middle of a larger or longer one, resized as Pillow does.
    private static func fitted(_ image: Image8, side: Int) -> Image8 {
        if image.height == side, image.width == side { return image }
        let shorter = min(image.height, image.width)
        return image.centreCropped(height: shorter, width: shorter)
            .resized(height: side, width: side, filter: .bicubic)
    }

    /// Rows held out, as evenly over the classes as can be.
    private static func heldOut(_ rows: [Int], of pairs: StimulusResponses, share: Double, seed: UInt64) -> Set<Int> {
        guard share > 0 else { return [] }
        let groups = Dictionary(grouping: rows) { pairs.imageClass(ofRow: $0) ?? 0 }
        var held: Set<Int> = []
        for (group, members) in groups.sorted(by: { $0.key < $1.key }) {
            let count = Int((Double(members.count) * share).rounded())
            let order = EpochOrder.permutation(
                members.count,
                seed: seed,
                purpose: "validation split",
                index: UInt64(bitPattern: Int64(group))
            )
            held.formUnion(order.prefix(min(count, members.count - 1)).map { members[$0] })
        }
        return held
    }
}
