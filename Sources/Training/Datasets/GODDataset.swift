import Foundation
import Images
import Weights

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
        let (trainingStimuli, testStimuli) = try Self.stimuli(in: folder)
        let parts = try subjects.map {
            try GODSubject(
                contentsOf: folder.appendingPathComponent("\($0).npz"),
                trainingImages: trainingStimuli.images.count,
                testImages: testStimuli.images.count,
                options: options
            )
        }
        let width = parts.map(\.training.columns).max() ?? 0
        training = StimulusResponses(
            responses: .stacked(parts.map { $0.training.fitted(toWidth: width) }),
            imageIndices: parts.flatMap(\.trainingImages),
            stimuli: trainingStimuli
        )
        test = StimulusResponses(
            responses: .stacked(parts.map { $0.test.fitted(toWidth: width) }),
            imageIndices: parts.flatMap(\.testImages),
            isSingleTrial: parts.flatMap(\.isSingleTrial),
            stimuli: testStimuli
        )
    }

    /// The subjects in a folder, sorted.
    public static func subjects(in folder: URL) throws -> [String] {
        try DatasetFile.names(in: folder).filter { $0.hasPrefix("sbj_") && $0.hasSuffix(".npz") }
            .map { String($0.dropLast(4)) }
    }

    private static func stimuli(in folder: URL) throws -> (training: StimulusSet, test: StimulusSet) {
        let path = folder.appendingPathComponent("images_256.npz").path
        let archive = try NPZ(path: path)
        let classes = try ImageNetClassIndex(contentsOf: folder.appendingPathComponent("imagenet_class_index.json"))
        var order: [String: Int] = [:]
        let read = { (part: String, list: String) in
            let images = try Image8.images(archive.array("\(part)_images"), name: "\(path): \(part)_images")
            let rows = try ImageListRow.read(folder.appendingPathComponent(list))
            guard rows.count == images.count else {
                throw DatasetError(
                    .inconsistent,
                    folder.path,
                    "\(list) names \(rows.count) images, \(part)_images has \(images.count)"
                )
            }
            let categories = try rows.map { row in
                guard let index = classes[row.synset] else {
                    throw DatasetError(.unknownName, list, "\(row.synset) is not in imagenet_class_index.json")
                }
                let naive = order[row.synset] ?? order.count
                order[row.synset] = naive
                return StimulusCategory(synset: row.synset, classIndex: index, naiveIndex: naive)
            }
            return StimulusSet(images: images, names: rows.map(\.name), categories: categories)
        }
        let training = try read("train", "imagenet_training_label.csv")
        return (training, try read("test", "imagenet_testing_label.csv"))
    }
}

/// A row of a list of images: `1518878.010042,n01518878_10042.JPEG`.
private struct ImageListRow {
    let synset: String
    let name: String

    static func read(_ url: URL) throws -> [ImageListRow] {
        try DatasetFile.text(url).split(whereSeparator: \.isNewline).map { line in
            let columns = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            guard let number = columns.first?.split(separator: ".").first.flatMap({ Int($0) }), number >= 0 else {
                throw DatasetError(.malformed, url.path, "the line \(line.prefix(60)) does not begin with a number")
            }
            let digits = String(number)
            let synset = "n" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
            return ImageListRow(synset: synset, name: columns.count > 1 ? columns[1] : columns[0])
        }
    }
}
