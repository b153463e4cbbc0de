import Foundation
import HDF5
import Images

/// What a file of patterns says of each row.
struct PatternRows {
    let path: String
    let split: [Int]
    let labels: [Int]?
    let labelNames: [String]
    let isSingleTrial: [Bool]
    private let indices: [Int]?

    init(_ file: HDF5Reader, count: Int) throws {
        path = file.url.path
        let column = { (name: String, limit: Int) in try Self.column(name, file, count: count, below: limit) }
        split = try column("split", 2)
        isSingleTrial =
            file.contains("single_trial")
            ? try column("single_trial", 2).map { $0 == 1 } : split.map { _ in false }
        indices = file.contains("image_index") ? try column("image_index", .max) : nil
        guard file.contains("labels") else {
            (labels, labelNames) = (nil, [])
            return
        }
        let names = file.contains("label_names") ? try file.texts("label_names").elements : nil
        let labels = try column("labels", names?.count ?? 1 << 20)
        self.labels = labels
        labelNames = names ?? (0...(labels.max() ?? 0)).map(String.init)
    }

    /// The image of each row.
    func imageIndices(below limit: Int) throws -> [Int] {
        guard let indices else {
            guard limit == split.count else {
                let detail = "there are \(split.count) rows, \(limit) images and no image_index"
                throw DatasetError(.inconsistent, path, detail)
            }
            return Array(0..<limit)
        }
        guard let row = indices.firstIndex(where: { $0 >= limit }) else { return indices }
        let detail = "image_index of row \(row) is \(indices[row]), and there are \(limit) images"
        throw DatasetError(.inconsistent, path, detail)
    }

    private static func column(_ name: String, _ file: HDF5Reader, count: Int, below limit: Int) throws -> [Int] {
        let stored = try file.numbers(name, as: Int64.self)
        guard stored.shape == [count] else {
            let detail = "its shape is \(stored.shape), and there are \(count) patterns"
            throw DatasetError(.inconsistent, "\(file.url.path): \(name)", detail)
        }
        if let row = stored.elements.firstIndex(where: { $0 < 0 || $0 >= limit }) {
            let detail = "row \(row) is \(stored.elements[row]), not in 0..<\(limit)"
            throw DatasetError(.malformed, "\(file.url.path): \(name)", detail)
        }
        return stored.elements.map { Int($0) }
    }
}

/// The images of a file of patterns: in the file, or in a folder by their names.
struct PatternImages {
    let count: Int
    private let names: [String]?
    private let folder: URL?
    private let stored: HDF5Array<UInt8>?
    private let path: String

    init(_ file: HDF5Reader, folder: URL?) throws {
        path = file.url.path
        self.folder = folder
        names = file.contains("image_names") ? try file.texts("image_names").elements : nil
        guard file.contains("images") else {
            guard let names, folder != nil else {
                let detail =
                    names == nil
                    ? "it has neither images nor image_names" : "it only names its images; say which folder they are in"
                throw DatasetError(.unknownName, path, detail)
            }
            (stored, count) = (nil, names.count)
            return
        }
        let array = try file.numbers("images", as: UInt8.self)
        guard array.shape.count == 4, array.shape[1] > 0, array.shape[2] > 0, array.shape[3] == 3,
            names == nil || names?.count == array.shape[0]
        else {
            let detail = "shape \(array.shape) is not a list of RGB images, or not one for each name"
            throw DatasetError(.malformed, "\(path): images", detail)
        }
        (stored, count) = (array, array.shape[0])
    }

    func name(_ index: Int) -> String { names?[index] ?? "images[\(index)]" }

    func image(_ index: Int) throws -> Image8 {
        if let stored {
            let (height, width) = (stored.shape[1], stored.shape[2])
            let size = height * width * 3
            return Image8(
                height: height,
                width: width,
                bytes: Array(stored.elements[index * size..<(index + 1) * size])
            )
        }
        let name = name(index)
        // A name may lead into subfolders, but not out of the folder.
        guard let folder, !name.isEmpty, !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
            throw DatasetError(.malformed, "\(path): image_names", "\(name) is no path in a folder of images")
        }
        return try ImageFile.read(folder.appendingPathComponent(name))
    }
}
