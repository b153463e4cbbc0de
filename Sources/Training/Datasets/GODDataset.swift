import Foundation

/// Generic Object Decoding (Horikawa and Kamitani 2017) as redistributed with MinD-Vis.
///
/// A folder with `sbj_N.npz` (responses, the images they belong to, region masks), `images_256.npz`, two lists of image
/// names and the class index of ImageNet.
public struct GODDataset: Sendable {
    /// How test responses are scaled.
    public enum TestNormalization: String, Sendable, CaseIterable {
        /// By the mean and deviation of the *normalised* training responses, which changes nearly nothing.
        ///
        /// What the released checkpoints were trained with; right for the released arrays, which are z-scored by run.
        case asReleased
        /// By the mean and deviation of the training responses, as raw data needs.
        case trainingStatistics
    }

    /// What is read, and how.
    public struct Options: Sendable, Equatable {
        /// The mask that selects voxels.
        public var region = "VC"
        /// Voxels per patch of the encoder.
        public var patchSize = 16
        /// How test responses are scaled.
        public var testNormalization = TestNormalization.asReleased
        /// Whether single trials follow the averaged test responses of each subject.
        public var includesSingleTrials = false

        /// The options of the reference.
        public init() {}
    }

    /// Responses to 150 categories × 8 images.
    public let training: StimulusResponses
    /// Responses to 50 other categories.
    public let test: StimulusResponses

    /// Reads the given subjects, for instance `["sbj_3"]`, one below the other and padded to the widest.
    /// - Throws: `DatasetError`, or what reading the files throws.
    public init(contentsOf folder: URL, subjects: [String], options: Options = Options()) throws {
        guard !subjects.isEmpty else { throw DatasetError(.unknownName, folder.path, "no subject is named") }
        try self.init(GODStimuli(contentsOf: folder), options: options) { stimuli in
            try subjects.map {
                try GODArrays(
                    npz: folder.appendingPathComponent("\($0).npz"),
                    region: options.region,
                    withTrials: options.includesSingleTrials,
                    counts: (stimuli.training.images.count, stimuli.test.images.count)
                )
            }
        }
    }

    /// Reads the original publication, for instance `Subject3.h5`, one file below the other and padded to the widest.
    ///
    /// Responses are z-scored by voxel and run and test trials averaged, as they were for `sbj_N.npz`.
    /// - Parameters:
    ///   - files: the subjects' files (``BDataFile``).
    ///   - folder: the folder with `images_256.npz`, the two lists of image names and the class index of ImageNet.
    /// - Throws: `DatasetError`, or what reading the files throws.
    public init(bdata files: [URL], stimuli folder: URL, options: Options = Options()) throws {
        guard !files.isEmpty else { throw DatasetError(.unknownName, folder.path, "no subject is named") }
        try self.init(GODStimuli(contentsOf: folder), options: options) { stimuli in
            try files.map { try GODArrays(bdata: $0, region: options.region, numbers: stimuli.numbers) }
        }
    }

    private init(_ stimuli: GODStimuli, options: Options, reading: (GODStimuli) throws -> [GODArrays]) throws {
        let parts = try reading(stimuli).map { try GODSubject($0, options: options) }
        let width = parts.map(\.training.columns).max() ?? 0
        training = StimulusResponses(
            responses: .stacked(parts.map { $0.training.fitted(toWidth: width) }),
            imageIndices: parts.flatMap(\.trainingImages),
            stimuli: stimuli.training
        )
        test = StimulusResponses(
            responses: .stacked(parts.map { $0.test.fitted(toWidth: width) }),
            imageIndices: parts.flatMap(\.testImages),
            isSingleTrial: parts.flatMap(\.isSingleTrial),
            stimuli: stimuli.test
        )
    }

    /// The subjects in a folder, sorted.
    public static func subjects(in folder: URL) throws -> [String] {
        try DatasetFile.names(in: folder).filter { $0.hasPrefix("sbj_") && $0.hasSuffix(".npz") }
            .map { String($0.dropLast(4)) }
    }
}
