import Foundation
import Images
import Weights

/// Paired data in one npz file, already split into training and test rows.
///
/// | array | shape | content |
/// | --- | --- | --- |
/// | `fmri_train`, `fmri_test` | `[n, voxels]` | responses, as they are |
/// | `image_train`, `image_test` | `[n, height, width]` or `[n, height, width, 3]` | grey or RGB images, 0…255 |
/// | `label_train`, `label_test` | `[n]` integers | classes; may be missing, may be called `digit_…` |
public enum NPZDataset {
    /// Reads a file; responses are left as they are.
    ///
    /// Classes are the distinct labels of both parts in ascending order.
    /// - Throws: `DatasetError`, or what reading the file throws.
    public static func read(_ url: URL) throws -> PairedDataset {
        let archive = try NPZ(path: url.path)
        let training = try Part("train", archive, url)
        let test = try Part("test", archive, url)
        guard training.responses.columns == test.responses.columns else {
            throw DatasetError(
                .inconsistent,
                url.path,
                "fmri_train has \(training.responses.columns) voxels, fmri_test \(test.responses.columns)"
            )
        }
        guard (training.labels == nil) == (test.labels == nil) else {
            throw DatasetError(.inconsistent, url.path, "one part has labels and the other has none")
        }
        let known = Set((training.labels ?? []) + (test.labels ?? [])).sorted()
        return PairedDataset(
            name: url.deletingPathExtension().lastPathComponent,
            training: training.paired(known: known),
            test: test.paired(known: known)
        )
    }

    /// The rows of one part.
    private struct Part {
        let name: String
        let responses: ResponseMatrix
        let images: [Image8]
        let labels: [Int]?

        init(_ part: String, _ archive: NPZ, _ url: URL) throws {
            name = part
            responses = try ResponseMatrix(archive.array("fmri_\(part)"), name: "\(url.path): fmri_\(part)")
            let array = try archive.array("image_\(part)")
            images = try Image8.images(array, name: "\(url.path): image_\(part)")
            guard responses.rows > 0, responses.columns > 0, images.count == responses.rows else {
                throw DatasetError(
                    .inconsistent,
                    url.path,
                    "fmri_\(part) has the shape \(responses.rows)×\(responses.columns), image_\(part) \(array.shape)"
                )
            }
            let label = ["label_\(part)", "digit_\(part)"].first { archive.names.contains($0) }
            let count = images.count
            labels = try label.map { try Self.labels($0, count: count, archive, url) }
        }

        private static func labels(_ name: String, count: Int, _ archive: NPZ, _ url: URL) throws -> [Int] {
            let array = try archive.array(name)
            guard !array.type.isFloatingPoint, array.shape == [count] else {
                throw DatasetError(
                    .malformed,
                    "\(url.path): \(name)",
                    "\(array.type.rawValue) of shape \(array.shape), where \(count) integers are expected"
                )
            }
            return try array.integers()
        }

        func paired(known: [Int]) -> StimulusResponses {
            let positions = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($0.element, $0.offset) })
            return StimulusResponses(
                responses: responses,
                imageIndices: Array(images.indices),
                stimuli: StimulusSet(
                    images: images,
                    names: images.indices.map { "\(name)[\($0)]" },
                    classes: (labels ?? []).compactMap { positions[$0] },
                    classNames: known.map(String.init)
                )
            )
        }
    }
}
