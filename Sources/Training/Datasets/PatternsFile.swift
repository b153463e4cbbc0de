import Foundation
import HDF5
import Images

/// Responses with images in one HDF5 file of a simple layout, for data of one's own.
///
/// | data set | shape | content |
/// | --- | --- | --- |
/// | `patterns` | `[n, voxels]` | a response in each row, as it is |
/// | `split` | `[n]` | 0: to learn from, 1: to test by |
/// | `images` | `[m, height, width, 3]` | RGB, 0…255 |
/// | `image_names` | `[m]` texts | names; in place of `images`, files in a folder |
/// | `image_index` | `[n]` | the image of each row, from 0; may be missing where m = n |
/// | `labels` | `[n]` | the class of each row's image, from 0; may be missing |
/// | `label_names` | `[classes]` texts | may be missing |
/// | `single_trial` | `[n]` | 1: a trial that another row averages; may be missing |
public enum PatternsFile {
    /// Reads a file.
    /// - Parameter folder: where the images are that the file only names.
    /// - Throws: `HDF5Error`, `DatasetError`, or `ImageError`.
    public static func read(_ url: URL, images folder: URL? = nil) throws -> PairedDataset {
        let file = try HDF5Reader(url)
        let stored = try file.numbers("patterns", as: Float.self)
        let patterns = try ResponseMatrix(stored.elements, shape: stored.shape, name: "\(url.path): patterns")
        guard patterns.columns > 0 else { throw DatasetError(.malformed, url.path, "the patterns have no voxels") }
        let rows = try PatternRows(file, count: patterns.rows)
        let images = try PatternImages(file, folder: folder)
        let indices = try rows.imageIndices(below: images.count)
        let part = { (split: Int, isRequired: Bool) in
            let selected = rows.split.indices.filter { rows.split[$0] == split }
            guard !selected.isEmpty || !isRequired else {
                throw DatasetError(.inconsistent, url.path, "no row is to learn from (split 0)")
            }
            return try Self.part(selected, patterns, rows, images, indices)
        }
        return PairedDataset(
            name: url.deletingPathExtension().lastPathComponent,
            training: try part(0, true),
            test: try part(1, false)
        )
    }

    /// The given rows with the images that they need, and no others.
    private static func part(
        _ selected: [Int],
        _ patterns: ResponseMatrix,
        _ rows: PatternRows,
        _ images: PatternImages,
        _ indices: [Int]
    ) throws -> StimulusResponses {
        var positions: [Int: Int] = [:]
        var order: [Int] = []
        var classes: [Int] = []
        for row in selected {
            let label = rows.labels.map { $0[row] }
            if let position = positions[indices[row]] {
                guard label == nil || classes[position] == label else {
                    let detail = "row \(row) gives image \(indices[row]) another label than a row before"
                    throw DatasetError(.inconsistent, rows.path, detail)
                }
                continue
            }
            positions[indices[row]] = order.count
            order.append(indices[row])
            if let label { classes.append(label) }
        }
        let stimuli = StimulusSet(
            images: try order.map(images.image),
            names: order.map(images.name),
            classes: classes,
            classNames: rows.labelNames
        )
        return StimulusResponses(
            responses: patterns.selecting(rows: selected),
            imageIndices: selected.map { positions[indices[$0]] ?? 0 },
            isSingleTrial: selected.map { rows.isSingleTrial[$0] },
            stimuli: stimuli
        )
    }

    /// Writes a data set whose images all have one size, replacing what was there at once.
    /// - Throws: `DatasetError` for images of several sizes; `HDF5Error`.
    public static func write(_ dataset: PairedDataset, to url: URL) throws {
        let parts = [dataset.training, dataset.test]
        let images = parts.flatMap(\.stimuli.images)
        guard let first = images.first, images.allSatisfy({ $0.height == first.height && $0.width == first.width })
        else {
            throw DatasetError(.inconsistent, dataset.name, "only images of one size can be stored; resize them first")
        }
        let count = parts.reduce(0) { $0 + $1.responses.rows }
        let columns = dataset.training.responses.columns
        let offsets = [0, dataset.training.stimuli.images.count]
        try HDF5Writer.write(to: url) { (file) throws(HDF5Error) in
            try file.add("patterns", parts.flatMap(\.responses.values), shape: [count, columns])
            let split = parts.enumerated().flatMap { part, rows in
                [UInt8](repeating: UInt8(part), count: rows.responses.rows)
            }
            try file.add("split", split, shape: [count])
            let shape = [images.count, first.height, first.width, 3]
            try file.add("images", images.flatMap(\.bytes), shape: shape)
            try file.add("image_names", parts.flatMap(\.stimuli.names))
            let indices = zip(parts, offsets).flatMap { part, offset in part.imageIndices.map { Int64($0 + offset) } }
            try file.add("image_index", indices, shape: [count])
            let singles = parts.flatMap { $0.isSingleTrial.map { UInt8($0 ? 1 : 0) } }
            try file.add("single_trial", singles, shape: [count])
            guard !dataset.training.stimuli.classes.isEmpty else { return }
            let labels = parts.flatMap { part in
                (0..<part.responses.rows).map { Int64(part.imageClass(ofRow: $0) ?? 0) }
            }
            try file.add("labels", labels, shape: [count])
            try file.add("label_names", dataset.training.stimuli.classNames)
        }
    }
}
