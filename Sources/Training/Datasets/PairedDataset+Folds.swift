import Evaluation
import Images

extension PairedDataset {
    /// All responses, training and test, split anew for cross-validation: the test part is one of `count` folds.
    ///
    /// Folds are drawn by the seed and hold the classes in equal shares (stratified).
    ///
    /// - Parameter number: The fold, from 0.
    /// - Throws: ``TrainingError`` if there are fewer pairs than folds.
    public func fold(_ number: Int, of count: Int, seed: UInt64) throws -> PairedDataset {
        precondition((0..<count).contains(number) && count >= 2, "Fold \(number) of \(count).")
        let all = pooled
        let rows = all.averagedRows
        guard count <= rows.count else {
            throw TrainingError(.unsuitable, name, "has \(rows.count) pairs, too few for \(count) folds")
        }
        let split = StratifiedFolds(classes: rows.map { all.imageClass(ofRow: $0) ?? 0 }, count: count, seed: seed)
        return PairedDataset(
            name: "\(name), fold \(number + 1) of \(count)",
            training: all.selecting(rows: split.training(number).map { rows[$0] }),
            test: all.selecting(rows: split.test(number).map { rows[$0] })
        )
    }

    /// Training and test responses as one, in this order.
    public var pooled: StimulusResponses {
        let (first, second) = (training, test)
        // A set of images that both parts share is not repeated.
        let shift = first.stimuli.images == second.stimuli.images ? 0 : first.stimuli.images.count
        let stimuli =
            shift == 0
            ? first.stimuli
            : StimulusSet(
                images: first.stimuli.images + second.stimuli.images,
                names: first.stimuli.names + second.stimuli.names,
                categories: first.stimuli.categories + second.stimuli.categories,
                classes: first.stimuli.classes + second.stimuli.classes,
                classNames: first.stimuli.classNames
            )
        return StimulusResponses(
            responses: .stacked([first.responses, second.responses]),
            imageIndices: first.imageIndices + second.imageIndices.map { $0 + shift },
            isSingleTrial: first.isSingleTrial + second.isSingleTrial,
            stimuli: stimuli
        )
    }
}
