import Foundation
import Images
import Weights

/// BOLD5000: trial responses to scenes, estimated by GLMsingle (Chang and others 2019).
public struct BOLD5000Dataset: Sendable {
    /// How responses are scaled.
    public enum Normalization: String, Sendable, CaseIterable {
        /// Padded, then scaled by the mean and deviation of the training trials.
        case trainingStatistics
        /// Padded, then scaled by the mean and deviation of all trials, test trials included.
        ///
        /// What the released checkpoints of the diffusion stage were trained with; a mild leak.
        case jointStatistics
        /// Neither padded nor scaled, as the second phase of the reference reads them.
        case raw
    }

    /// What is read, and how.
    public struct Options: Sendable, Equatable {
        /// The regions whose voxels are joined, in this order, left before right.
        public var regions = ["EarlyVis", "LOC", "OPA", "PPA", "RSC"]
        /// Voxels per patch of the encoder.
        public var patchSize = 16
        /// How responses are scaled.
        public var normalization = Normalization.trainingStatistics
        /// Whether all single trials of the test images follow their averages.
        public var includesSingleTrials = false

        /// The options for an honest evaluation.
        public init() {}
    }

    /// Trials of images that are not in the list of repeated images.
    public let training: StimulusResponses
    /// A row per repeated image, the mean of its trials.
    public let test: StimulusResponses

    /// Reads one subject, for instance `CSI1`.
    /// - Parameter folder: the folder with `BOLD5000_GLMsingle_ROI_betas` and `BOLD5000_Stimuli`.
    /// - Throws: `DatasetError`, or what reading the files throws.
    public init(contentsOf folder: URL, subject: String, options: Options = Options()) throws {
        let files = BOLD5000Files(folder: folder, subject: subject)
        let names = try files.trialNames()
        let trials = try files.responses(regions: options.regions)
        guard names.count == trials.rows else {
            throw DatasetError(
                .inconsistent,
                subject,
                "the lists name \(names.count) trials, the responses have \(trials.rows)"
            )
        }
        let repeated = try files.repeatedNames()
        let trialsOfName = Dictionary(grouping: names.indices) { names[$0] }
        // What is shown again but not held out would be learned from.
        if let lost = trialsOfName.filter({ $0.value.count > 1 && !repeated.contains($0.key) }).keys.min() {
            throw DatasetError(
                .inconsistent,
                subject,
                "\(lost) is shown more than once, but is not in the list of repeated images; is the list whole?"
            )
        }
        let repeats = repeated.compactMap { name in trialsOfName[name].map { (name: name, trials: $0) } }
        let held = Set(repeats.flatMap(\.trials))
        let trainingTrials = names.indices.filter { !held.contains($0) }
        guard !trainingTrials.isEmpty, !repeats.isEmpty else {
            throw DatasetError(.inconsistent, subject, "the split leaves no trials for training or for testing")
        }

        let scaled = try Self.scaled(trials, training: trainingTrials, options, subject: subject)
        let images = try files.images(named: Set(names))
        training = StimulusResponses(
            responses: scaled.selecting(rows: trainingTrials),
            names: trainingTrials.map { names[$0] },
            images: images
        )
        let means = repeats.flatMap { scaled.mean(ofRows: $0.trials) }
        var responses = ResponseMatrix(rows: repeats.count, columns: scaled.columns, values: means)
        var testNames = repeats.map(\.name)
        if options.includesSingleTrials {
            let single = repeats.flatMap(\.trials)
            responses = .stacked([responses, scaled.selecting(rows: single)])
            testNames += single.map { names[$0] }
        }
        test = StimulusResponses(responses: responses, names: testNames, images: images, averages: repeats.count)
    }

    /// The subjects in a folder, sorted.
    public static func subjects(in folder: URL) throws -> [String] {
        try DatasetFile.names(in: BOLD5000Files(folder: folder, subject: "").presentationLists).filter {
            DatasetFile.isFolder(BOLD5000Files(folder: folder, subject: $0).presentationList)
        }
    }

    private static func scaled(
        _ trials: ResponseMatrix,
        training: [Int],
        _ options: Options,
        subject: String
    ) throws -> ResponseMatrix {
        guard options.normalization != .raw else { return trials }
        let padded = trials.wrapPadded(patchSize: options.patchSize)
        let reference = options.normalization == .jointStatistics ? padded : padded.selecting(rows: training)
        return padded.normalized(by: try reference.usableMoments(of: subject))
    }
}

extension StimulusResponses {
    /// Responses to images by name, of which the first `averages` (by default all) are no single trials.
    fileprivate init(responses: ResponseMatrix, names: [String], images: [String: Image8], averages: Int? = nil) {
        var positions: [String: Int] = [:]
        var order: [String] = []
        for name in names where positions[name] == nil {
            positions[name] = order.count
            order.append(name)
        }
        self.init(
            responses: responses,
            imageIndices: names.map { positions[$0] ?? 0 },
            isSingleTrial: names.indices.map { $0 >= averages ?? names.count },
            stimuli: StimulusSet(images: order.compactMap { images[$0] }, names: order, categories: [])
        )
    }
}
