import Images

extension PairedDataset {
    /// All responses, training and test, split anew for cross-validation: the test part is one of `count` folds.
    ///
    /// Folds are drawn by the seed and hold the classes in equal shares (stratified).
    ///
    /// - Parameter number: The fold, from 0.
    public func fold(_ number: Int, of count: Int, seed: UInt64) -> PairedDataset {
        precondition((0..<count).contains(number) && count >= 2, "Fold \(number) of \(count).")
        let all = pooled
        let rows = all.averagedRows
        let groups = Dictionary(grouping: rows) { all.imageClass(ofRow: $0) ?? 0 }
        var test: Set<Int> = []
        var dealt = 0
        for (group, members) in groups.sorted(by: { $0.key < $1.key }) {
            let order = EpochOrder.permutation(
                members.count,
                seed: seed,
                purpose: "folds",
                index: UInt64(bitPattern: Int64(group))
            ).map { members[$0] }
            // Dealt out like cards, going on where the last class stopped.
            for (position, row) in order.enumerated() where (dealt + position) % count == number { test.insert(row) }
            dealt += members.count
        }
        return PairedDataset(
            name: "\(name), fold \(number + 1) of \(count)",
            training: all.selecting(rows: rows.filter { !test.contains($0) }),
            test: all.selecting(rows: test.sorted())
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
