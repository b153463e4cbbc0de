import Decoder
import Evaluation
import Foundation
import Images
import Tensors
import Training

/// A decoder and the data that it is evaluated on.
struct EvaluationPart {
    let bundle: DecoderBundle
    let dataset: PairedDataset
    /// Whether the patterns come scaled as published decoders take them.
    let isPrepared: Bool
    /// The test rows; single trials of an average would count an image several times.
    let rows: [Int]

    init(bundle: DecoderBundle, dataset: PairedDataset, isPrepared: Bool = false) throws {
        (self.bundle, self.dataset, self.isPrepared) = (bundle, dataset, isPrepared)
        rows = dataset.test.averagedRows
        guard rows.count >= 2, dataset.training.responses.rows >= 2 else {
            throw CommandFailure(
                .badData,
                "\(dataset.name): it has \(rows.count) test and \(dataset.training.responses.rows) training patterns; "
                    + "at least 2 of each are needed"
            )
        }
    }

    /// Height and width of the decoder's images.
    var modelSize: Int {
        let networks = bundle.manifest.networks
        return networks.unet.latentSize * networks.autoencoder.downsampling
    }

    func makeDecoder() throws -> LatentDiffusion {
        let decoder = try bundle.makeDecoder()
        guard decoder.conditioning != nil else {
            throw CommandFailure(.badData, "\(bundle.folder.path): it has no conditioning on fMRI")
        }
        return decoder
    }

    private var testPatterns: Tensor { Tensor(dataset.test.responses.selecting(rows: rows)) }

    /// Test patterns as the decoder takes them, `[n, voxels]`.
    ///
    /// A bundle that was trained here knows how. For others every voxel is scaled by its mean and deviation over the
    /// training patterns, unless the reader scaled them already, and rows are continued from their beginning up to the
    /// decoder's width.
    func preparedPatterns() throws -> Tensor {
        let (columns, width) = (dataset.test.responses.columns, bundle.manifest.voxels)
        if let standardization = try bundle.standardization() {
            return Tensor(try standardization.apply(dataset.test.responses.selecting(rows: rows)))
        }
        guard columns <= width else {
            throw CommandFailure(
                .badData,
                "\(dataset.name): its patterns have \(columns) voxels, this decoder takes \(width); it is for others"
            )
        }
        guard !isPrepared else {
            return Tensor(dataset.test.responses.selecting(rows: rows).fitted(toWidth: width))
        }
        let training = Tensor(dataset.training.responses)
        return PatternStandardization(zScoring: training, width: width).apply(testPatterns)
    }

    /// How patterns are prepared, for the report.
    var preparation: String {
        get throws {
            guard let standardization = try bundle.standardization() else {
                if isPrepared {
                    return "Patterns were scaled by the data set's reader, as published decoders take them."
                }
                return "Every voxel was scaled by its mean and standard deviation over the training patterns."
            }
            let (all, used) = (standardization.rawVoxels, standardization.selection.count)
            let selected = used < all ? "\(used) of \(all) voxels were used; they were" : "Voxels were"
            let scaled = "\(selected) scaled as the bundle says, by statistics of its own training patterns"
            guard standardization.projection != nil else { return "\(scaled)." }
            return "\(scaled), and projected to \(standardization.components) components."
        }
    }

    /// How many of the test images are also training images.
    var repeatedImages: Int {
        let training = dataset.training
        let known = Set(Set(training.imageIndices).map { training.stimuli.images[$0].bytes })
        return Set(rows.map { dataset.test.imageIndices[$0] }).count {
            known.contains(dataset.test.stimuli.images[$0].bytes)
        }
    }

    /// All baselines that can be made.
    func baselines(
        _ decoder: LatentDiffusion,
        _ fitting: ImageFitting,
        announce: (String) -> Void
    ) throws -> [Baseline.Result] {
        let part = dataset.training
        let images = part.stimuli.images.map(fitting.original)
        let training = Baseline.Training(
            patterns: Tensor(part.responses),
            images: part.imageIndices.map { images[$0] }
        )
        let autoencoder = PatternDecoder.autoencoder(decoder, fitting: fitting)
        return try Baseline.allCases.compactMap { baseline in
            announce("baseline: \(baseline.title.lowercased())")
            return try baseline.reconstruct(testPatterns, training: training, autoencoder: autoencoder)
        }
    }

    /// Where the decoder comes from.
    func provenance(title: String) -> EvaluationReport.Section {
        let made = bundle.manifest.provenance
        let sources = made.sources.map { ("Source: \($0.role)", "\($0.name), SHA-256 \($0.sha256)") }
        return .init(
            title: title,
            [
                ("Bundle", bundle.folder.lastPathComponent),
                ("Hash of its weights", bundle.manifest.weightsHash), ("Made by", made.createdBy),
                ("Made at", ISO8601DateFormatter().string(from: made.createdAt)),
                ("Voxels", String(bundle.manifest.voxels)),
            ] + sources + made.notes.map { ("Note", $0) }
        )
    }
}
