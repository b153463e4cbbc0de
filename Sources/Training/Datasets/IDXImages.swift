import Foundation
import Images

/// Small grey images with labels as the MNIST database has them, and its relatives such as Fashion-MNIST.
///
/// Two files each: `NAME-images-idx3-ubyte`, `[count, height, width]`, and `NAME-labels-idx1-ubyte`, `[count]`, with `.gz`
/// behind or not.
public enum IDXImages {
    /// Reads the images of a file, or of the only such file in a folder, with the labels of the file beside it.
    ///
    /// Classes are the labels, from 0 to the largest one.
    /// - Parameters:
    ///   - url: the file of images, or a folder.
    ///   - part: in a folder with several, the one that is meant: what stands before `-images`, for instance `t10k`.
    ///   - withLabels: whether there are labels; images without have no classes.
    ///   - limit: the largest number of bytes of each file once decompressed.
    /// - Throws: `DatasetError`.
    public static func read(
        _ url: URL,
        part: String? = nil,
        withLabels: Bool = true,
        limit: Int = IDXFile.defaultLimit
    ) throws -> StimulusSet {
        let file = DatasetFile.isFolder(url) ? try imagesFile(in: url, part: part) : url
        let stored = try IDXFile(contentsOf: file, limit: limit)
        guard stored.shape.count == 3, stored.shape[1] > 0, stored.shape[2] > 0 else {
            throw DatasetError(.malformed, file.path, "the shape \(stored.shape) is not a list of images")
        }
        let (count, height, width) = (stored.shape[0], stored.shape[1], stored.shape[2])
        let images = (0..<count).map { index in
            let start = index * height * width
            return Image8(height: height, width: width, grey: stored.elements[start..<start + height * width])
        }
        let names = (0..<count).map { "\(label(of: file))[\($0)]" }
        guard withLabels else { return StimulusSet(images: images, names: names) }
        let classes = try labels(beside: file, count: count, limit: limit)
        let classNames = (0..<(classes.max() ?? -1) + 1).map(String.init)
        return StimulusSet(images: images, names: names, classes: classes, classNames: classNames)
    }

    /// The file of labels that belongs to a file of images.
    private static func labels(beside file: URL, count: Int, limit: Int) throws -> [Int] {
        let name = file.lastPathComponent
        let folder = file.deletingLastPathComponent()
        let counterpart = name.replacingOccurrences(of: "images", with: "labels")
            .replacingOccurrences(of: "idx3", with: "idx1")
        let stem = counterpart.hasSuffix(".gz") ? String(counterpart.dropLast(3)) : counterpart
        let candidates = [counterpart, stem, stem + ".gz"].map { folder.appendingPathComponent($0) }
        guard counterpart != name,
            let labels = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) })
        else {
            throw DatasetError(.unreadable, folder.path, "there is no file \(stem).gz with the labels of \(name)")
        }
        let stored = try IDXFile(contentsOf: labels, limit: limit)
        guard stored.shape == [count] else {
            throw DatasetError(
                .inconsistent,
                labels.path,
                "its shape \(stored.shape) does not fit the \(count) images of \(name)"
            )
        }
        return stored.elements.map(Int.init)
    }

    private static func imagesFile(in folder: URL, part: String?) throws -> URL {
        let names = try DatasetFile.names(in: folder).filter { $0.contains("images") && $0.contains("idx3") }
        let parts = Set(names.map(label))
        let fitting = names.filter { part == nil || label($0) == part }
        guard let name = fitting.first else {
            throw DatasetError(
                .unreadable,
                folder.path,
                "there is no file \(part ?? "NAME")-images-idx3-ubyte or \(part ?? "NAME")-images-idx3-ubyte.gz"
            )
        }
        guard part != nil || parts.count == 1 else {
            let known = parts.sorted().joined(separator: ", ")
            throw DatasetError(.inconsistent, folder.path, "it has several parts (\(known)); name one of the files")
        }
        return folder.appendingPathComponent(name)
    }

    /// What stands before `-images` in a name.
    private static func label(_ name: String) -> String {
        guard let end = name.range(of: "images")?.lowerBound else { return name }
        return String(name[..<end].drop { $0 == "." }).trimmingCharacters(in: CharacterSet(charactersIn: "-_."))
    }

    private static func label(of file: URL) -> String { label(file.lastPathComponent) }
}
