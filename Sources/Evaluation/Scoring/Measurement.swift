/// One quantity of one method, with what its interval, its chance level and comparisons need.
struct Measurement {
    let quantity: Quantity
    /// The value of each item; NaN where an item has none.
    let items: [Double]
    /// Of identification by pairs, the pairs.
    let identification: Identification?
    /// The value of item i if its original were j, where that was worked out.
    let hypothetical: ScoreMatrix?
    /// Originals may be exchanged within these only.
    let strata: [Int]?
    /// What chance gives, where it is known without rearranging anything.
    let chance: Double?

    init(
        _ quantity: Quantity,
        items: [Double],
        identification: Identification? = nil,
        hypothetical: ScoreMatrix? = nil,
        strata: [Int]? = nil,
        chance: Double? = nil
    ) {
        (self.quantity, self.items, self.identification) = (quantity, items, identification)
        (self.hypothetical, self.strata, self.chance) = (hypothetical, strata, chance)
    }

    /// The mean over the items that have a value.
    var value: Double {
        let present = items.filter { !$0.isNaN }
        return present.isEmpty ? .nan : present.reduce(0, +) / Double(present.count)
    }

    /// The values of resamples.
    func resampled(_ bootstrap: Bootstrap) -> [Double] {
        identification.map(bootstrap.accuracies) ?? bootstrap.means(items)
    }

    /// The exact interval, where each item either succeeds or fails.
    var exactInterval: Interval? {
        let present = items.filter { !$0.isNaN }
        guard quantity == .firstOfAll, !present.isEmpty, present.allSatisfy({ $0 == 0 || $0 == 1 }) else { return nil }
        return Binomial.interval(successes: present.count { $0 == 1 }, of: present.count)
    }
}

/// Measures a method.
struct Measuring {
    let items: EvaluationItems
    let originals: [FloatImage]
    /// The largest number of values that structural similarities of all pairs may go over.
    let similarityLimit: Int

    /// Everything that can be measured in images alone.
    func measure(_ method: Reconstructions) throws -> [Measurement] {
        let correlations = try matrices(.correlation, method)
        let errors = try matrices(.squaredError, method)
        var result = [own(.correlation, correlations), own(.squaredError, errors)]
        let values = items.count * items.count * originals[0].values.count * method.samples.count
        let fitsWindow = min(originals[0].height, originals[0].width) >= StructuralSimilarity.window
        let similarities =
            fitsWindow && values <= similarityLimit ? try matrices(.structuralSimilarity, method) : nil
        if let similarities {
            result.append(own(.structuralSimilarity, similarities))
        } else if fitsWindow {
            result.append(try ownSimilarity(method))
        }
        let groups = items.groups
        result.append(identification(.identification, correlations, .larger, strata: groups))
        result.append(identification(.identificationByError, errors, .smaller, strata: groups))
        if let similarities {
            result.append(identification(.identificationBySimilarity, similarities, .larger, strata: groups))
        }
        if let strata = classStrata {
            result.append(identification(.identificationWithinClass, correlations, .larger, strata: strata))
        }
        result.append(firstOfAll(correlations))
        return result.filter { !$0.value.isNaN }
    }

    /// A number for each class of each group; nil where there are no classes.
    private var classStrata: [Int]? {
        guard let classes = items.classes, let groups = items.groups else { return items.classes }
        var numbers: [[Int]: Int] = [:]
        return zip(groups, classes).map { pair in
            let key = [pair.0, pair.1]
            numbers[key] = numbers[key] ?? numbers.count
            return numbers[key] ?? 0
        }
    }

    private func scope(_ strata: [Int]?) -> Identification.Scope {
        Identification.Scope(count: items.count, originals: items.identities, classes: strata)
    }

    /// The scores of each sample with all originals.
    private func matrices(_ metric: ImageMetric, _ method: Reconstructions) throws -> [ScoreMatrix] {
        try method.samples.map { try metric.scores($0, originals) }
    }

    private func own(_ quantity: Quantity, _ samples: [ScoreMatrix]) -> Measurement {
        let mean = ScoreMatrix.mean(samples)
        return Measurement(quantity, items: mean.own, hypothetical: mean)
    }

    private func ownSimilarity(_ method: Reconstructions) throws -> Measurement {
        let values = try method.samples.map { try ImageMetric.structuralSimilarity.ownScores($0, originals) }
        let means = items.names.indices.map { item in
            values.reduce(0) { $0 + $1[item] } / Double(values.count)
        }
        return Measurement(.structuralSimilarity, items: means)
    }

    private func identification(
        _ quantity: Quantity,
        _ samples: [ScoreMatrix],
        _ better: PairwiseIdentification.Preference,
        strata: [Int]?
    ) -> Measurement {
        let scope = scope(strata)
        let pairs = Identification.mean(samples.map { Identification($0, better: better, scope: scope) })
        let hypothetical = samples.map { Identification.hypothetical($0, better: better, scope: scope) }
        return Measurement(
            quantity,
            items: pairs.accuracies,
            identification: pairs,
            hypothetical: ScoreMatrix.mean(hypothetical),
            strata: strata,
            chance: 0.5
        )
    }

    private func firstOfAll(_ samples: [ScoreMatrix]) -> Measurement {
        let hypothetical = ScoreMatrix.mean(
            samples.map {
                Identification.hypothetical($0, better: .larger, scope: scope(nil)).map {
                    $0 == 1 ? 1 : $0.isNaN ? .nan : 0
                }
            }
        )
        return Measurement(
            .firstOfAll,
            items: hypothetical.own,
            hypothetical: hypothetical,
            chance: 1 / Double(Set(items.identities).count)
        )
    }
}
