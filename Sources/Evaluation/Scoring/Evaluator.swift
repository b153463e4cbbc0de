/// Scores methods on the same items, with intervals, chance levels and comparisons.
///
/// ```swift
/// let evaluator = Evaluator(items: items)
/// let evaluation = try evaluator.evaluate([decoder, ridge])
/// ```
public struct Evaluator {
    /// How carefully it is evaluated.
    public struct Options: Sendable, Equatable, Codable {
        /// The resamples of an interval.
        public var resamples = 10_000
        /// The random orders of a test by permutation, and the random signs of a comparison.
        public var permutations = 10_000
        /// The seed of both.
        public var seed: UInt64 = 0
        /// The largest number of pixel values that structural similarities of all pairs may go over; beyond, only those
        /// of reconstructions with their own originals are worked out.
        public var similarityLimit = 2_000_000_000

        /// The defaults.
        public init() {}
    }

    /// Scores of all methods, and comparisons of the first subject with the baselines.
    public struct Evaluation: Sendable, Equatable, Codable {
        /// The scores, method by method.
        public var methods: [MethodScores]
        /// The subject against the others.
        public var comparisons: [Comparison]
        /// For a histogram: the subject's mean correlation with originals in random order; not in files.
        public var shuffledCorrelations: [Double] = []

        private enum CodingKeys: String, CodingKey {
            case methods, comparisons
        }

        /// The first subject.
        public var subject: MethodScores? { methods.first { $0.isSubject } }
    }

    private let items: EvaluationItems
    private let options: Options
    private let bootstrap: Bootstrap

    /// Draws the resamples.
    public init(items: EvaluationItems, options: Options = Options()) {
        self.items = items
        self.options = options
        bootstrap = Bootstrap(items: items.count, resamples: options.resamples, seed: options.seed)
    }

    /// Scores methods.
    ///
    /// - Parameters:
    ///   - methods: the first one that is a subject is compared with all others; one of its images must be of the size
    ///     of the originals.
    ///   - semantic: for some methods (by identifier), shares of success of each item that were worked out elsewhere.
    /// - Throws: `MetricError` if images have different sizes.
    public func evaluate(
        _ methods: [Reconstructions],
        semantic: [String: [Quantity: [Double]]] = [:]
    ) throws -> Evaluation {
        let measuring = Measuring(
            items: items,
            originals: items.originals.map { FloatImage($0) },
            similarityLimit: options.similarityLimit
        )
        let measured = try methods.map { method in
            let given = (semantic[method.identifier] ?? [:]).sorted { $0.key.rawValue < $1.key.rawValue }
            return try measuring.measure(method)
                + given.map { Measurement($0.key, items: $0.value, chance: $0.key == .semantic50 ? 1 / 50 : 1 / 100) }
        }
        let subject = methods.firstIndex { $0.isSubject }
        let comparisons = subject.map { subject in
            methods.indices.filter { $0 != subject }.flatMap { other in
                compare((methods[subject], measured[subject]), (methods[other], measured[other]))
            }
        }
        let shuffled = subject.flatMap { measured[$0].first { $0.quantity == .correlation } }.flatMap(mismatch)
        return Evaluation(
            methods: zip(methods, measured).map { method, measurements in
                MethodScores(
                    identifier: method.identifier,
                    title: method.title,
                    isSubject: method.isSubject,
                    samples: method.samples.count,
                    scores: measurements.map(score)
                )
            },
            comparisons: comparisons ?? [],
            shuffledCorrelations: shuffled?.distribution ?? []
        )
    }

    private func mismatch(_ measurement: Measurement) -> PermutationTest.Mismatch? {
        measurement.hypothetical.flatMap {
            PermutationTest.mismatch(
                $0,
                better: measurement.quantity.better,
                strata: measurement.strata,
                permutations: options.permutations,
                seed: options.seed
            )
        }
    }

    private func score(_ measurement: Measurement) -> Score {
        let mismatch = mismatch(measurement)
        return Score(
            quantity: measurement.quantity,
            value: measurement.value,
            interval: Bootstrap.interval(measurement.resampled(bootstrap)),
            exactInterval: measurement.exactInterval,
            chance: measurement.chance ?? mismatch?.mean,
            probability: mismatch?.probability,
            items: measurement.items.map { $0.isNaN ? nil : $0 }
        )
    }

    private func compare(
        _ subject: (method: Reconstructions, measurements: [Measurement]),
        _ other: (method: Reconstructions, measurements: [Measurement])
    ) -> [Comparison] {
        subject.measurements.compactMap { measurement in
            guard let against = other.measurements.first(where: { $0.quantity == measurement.quantity }) else {
                return nil
            }
            let differences = zip(measurement.resampled(bootstrap), against.resampled(bootstrap)).map { $0 - $1 }
            return Comparison(
                quantity: measurement.quantity,
                subject: subject.method.identifier,
                baseline: other.method.identifier,
                difference: measurement.value - against.value,
                interval: Bootstrap.interval(differences),
                probability: PermutationTest.signFlip(
                    zip(measurement.items, against.items).map { $0 - $1 },
                    flips: options.permutations,
                    seed: options.seed
                )
            )
        }
    }
}
