import Foundation
import HDF5
import Weights

/// Patterns without images, for the first phase.
public struct UnlabelledPatterns: Sendable {
    /// A pattern in each row.
    public let responses: ResponseMatrix
    /// Whether the voxels are those of the pairs, measured alike; those of other people are not.
    public let sharesVoxels: Bool

    /// The given patterns.
    public init(_ responses: ResponseMatrix, sharesVoxels: Bool = true) {
        (self.responses, self.sharesVoxels) = (responses, sharesVoxels)
    }

    /// Reads the array `patterns` of an npz file, as `percept preprocess` writes it, or else `fmri_train`.
    ///
    /// A row without any number, which a trial has before its z-scores are known, is left out.
    /// - Throws: `DatasetError` if there is no such array or it is no matrix of numbers; `WeightsError`.
    public init(npz url: URL) throws {
        let archive = try NPZ(path: url.path)
        guard let name = ["patterns", "fmri_train"].first(where: archive.names.contains) else {
            throw DatasetError(.unknownName, url.path, "it has neither patterns nor fmri_train")
        }
        let array = try archive.array(name)
        guard array.shape.count == 2, array.shape[1] > 0 else {
            throw DatasetError(.malformed, "\(url.path): \(name)", "shape \(array.shape) is not a matrix of patterns")
        }
        let (values, columns) = (array.floats(), array.shape[1])
        let kept = (0..<array.shape[0]).filter { row in
            !values[row * columns..<(row + 1) * columns].allSatisfy(\.isNaN)
        }
        let numbers = kept.flatMap { values[$0 * columns..<($0 + 1) * columns] }
        self.init(try ResponseMatrix(numbers, shape: [kept.count, columns], name: "\(url.path): \(name)"))
    }

    /// Reads `patterns` of an HDF5 file; of one with a `split`, the rows to learn from.
    /// - Throws: `HDF5Error`; `DatasetError` if it is no matrix of numbers.
    public init(hdf5 url: URL) throws {
        let file = try HDF5Reader(url)
        let stored = try file.numbers("patterns", as: Float.self)
        let patterns = try ResponseMatrix(stored.elements, shape: stored.shape, name: "\(url.path): patterns")
        guard file.contains("split") else {
            self.init(patterns)
            return
        }
        let split = try PatternRows(file, count: patterns.rows).split
        self.init(patterns.selecting(rows: split.indices.filter { split[$0] == 0 }))
    }

    /// Reads the resting state of all HCP subjects in a folder.
    /// - Throws: what ``PretrainingDataset/load(hcp:subjects:options:appending:)`` throws.
    public init(hcp folder: URL) throws {
        self.init(try PretrainingDataset.load(hcp: folder), sharesVoxels: false)
    }
}
