import Evaluation
import Images
import Weights

/// The metrics of images and the n-way accuracy.
public struct MetricParity: ParityGroup {
    /// The files of the group.
    public static let files = ["metrics/metrics.npz"]

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        var checks = ParityChecks()
        checks.attempt("\(archive.file): image metrics") { try imageMetrics(archive, &$0) }
        checks.attempt("\(archive.file): n-way accuracy") { try nWayAccuracy(archive, &$0) }
        return checks.all
    }

    private func imageMetrics(_ archive: FixtureArchive, _ checks: inout ParityChecks) throws {
        let images = try FixtureImages.list("pred", in: archive)
        let originals = try FixtureImages.list("gt", in: archive)
        let metrics: [(name: String, metric: (Image8, Image8) throws -> Double)] = [
            ("mse", PixelMetrics.referenceWrappedSquaredError), ("mse_float", PixelMetrics.squaredError),
            ("pcc", PixelMetrics.correlation), ("ssim", StructuralSimilarity.index),
        ]
        for (name, metric) in metrics where archive.has("\(name)_matrix_f64") {
            let matrix = try PairwiseIdentification.matrix(images, originals, metric: metric)
            try checks.compare(
                matrix.flatMap { $0 },
                shape: [images.count, originals.count],
                with: "\(name)_matrix_f64",
                in: archive,
                .forward
            )
            guard archive.has("\(name)_pairwise") else { continue }
            let better: PairwiseIdentification.Preference = name.hasPrefix("mse") ? .smaller : .larger
            let accuracies = PairwiseIdentification.accuracies(matrix, better: better)
            try checks.compare(
                accuracies,
                shape: [images.count],
                with: "\(name)_pairwise",
                in: archive,
                .forward
            )
        }
    }

    /// `nway/rowR_kK_picks` and `…_mean_std`: recorded draws for row R of `nway/probs`, counted as top K.
    private func nWayAccuracy(_ archive: FixtureArchive, _ checks: inout ParityChecks) throws {
        let table = try archive.array("nway/probs")
        guard table.shape.count == 2 else {
            throw ParityError(.malformed, "nway/probs", "shape \(table.shape) is not a table")
        }
        let (probabilities, classes) = (table.floats(), table.shape[1])
        let targets = try archive.array("nway/class_ids").integers()
        for name in archive.names {
            guard let match = name.wholeMatch(of: #/nway/row([0-9]+)_k([0-9]+)_picks/#),
                let row = Int(match.1), let top = Int(match.2)
            else { continue }
            checks.attempt("\(archive.file): \(name)") { checks in
                let picks = try archive.array(name)
                let values = try picks.integers()
                guard row < table.shape[0], row < targets.count, (0..<classes).contains(targets[row]),
                    picks.shape.count == 2, picks.count > 0, top >= 1, top <= picks.shape[1] + 1,
                    values.allSatisfy({ (0..<classes).contains($0) && $0 != targets[row] })
                else {
                    throw ParityError(.malformed, name, "the draws do not fit \(table.shape[0]) rows of \(classes)")
                }
                let ways = picks.shape[1]
                let estimate = NWayAccuracy(ways: ways + 1, top: top).estimate(
                    probabilities: Array(probabilities[row * classes..<(row + 1) * classes]),
                    target: targets[row],
                    draws: (0..<picks.shape[0]).map { Array(values[$0 * ways..<($0 + 1) * ways]) }
                )
                try checks.compare(
                    [estimate.mean, estimate.deviation],
                    shape: [2],
                    with: "nway/row\(row)_k\(top)_mean_std",
                    in: archive,
                    .forward
                )
            }
        }
    }
}
