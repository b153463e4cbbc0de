import Foundation
import Images
import Weights

/// Reading the files of data sets, with errors that name them.
enum DatasetFile {
    static func data(_ url: URL) throws -> Data {
        do {
            return try Data(contentsOf: url)
        } catch {
            throw DatasetError(.unreadable, url.path, "the file cannot be read: \(error.localizedDescription)")
        }
    }

    static func text(_ url: URL) throws -> String {
        guard let text = String(data: try data(url), encoding: .utf8) else {
            throw DatasetError(.malformed, url.path, "not a text file in UTF-8")
        }
        return text
    }

    /// The names in a folder, sorted.
    static func names(in folder: URL) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        } catch {
            throw DatasetError(.unreadable, folder.path, "the folder cannot be read: \(error.localizedDescription)")
        }
    }

    static func isFolder(_ url: URL) -> Bool {
        (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
    }
}

extension ResponseMatrix {
    /// A matrix out of a file.
    /// - Throws: `DatasetError` if it is not a matrix or holds values that are not finite.
    init(_ array: StoredArray, name: String) throws {
        guard array.shape.count == 2 else {
            throw DatasetError(.malformed, name, "shape \(array.shape) is not a matrix of responses")
        }
        let values = array.floats()
        if let position = values.firstIndex(where: { !$0.isFinite }) {
            let (row, column) = position.quotientAndRemainder(dividingBy: max(array.shape[1], 1))
            throw DatasetError(.malformed, name, "the value in row \(row), column \(column) is not finite")
        }
        self.init(rows: array.shape[0], columns: array.shape[1], values: values)
    }
}

extension Image8 {
    /// The images of an array `[count, height, width, 3]` of values in 0…255, or in 0…1 if none exceeds 1.
    /// - Throws: `DatasetError`.
    static func images(_ array: StoredArray, name: String) throws -> [Image8] {
        let shape = array.shape
        guard shape.count == 4, shape[1] > 0, shape[2] > 0, shape[3] == 3 else {
            throw DatasetError(.malformed, name, "shape \(shape) is not a list of RGB images")
        }
        let bytes = try levels(array)
        let size = shape[1] * shape[2] * 3
        return (0..<shape[0]).map { index in
            Image8(height: shape[1], width: shape[2], bytes: Array(bytes[index * size..<(index + 1) * size]))
        }
    }

    /// The image of an array `[height, width, 3]` of such values.
    /// - Throws: `DatasetError`.
    static func image(_ array: StoredArray, name: String) throws -> Image8 {
        let shape = array.shape
        guard shape.count == 3, shape[0] > 0, shape[1] > 0, shape[2] == 3 else {
            throw DatasetError(.malformed, name, "shape \(shape) is not an RGB image")
        }
        return Image8(height: shape[0], width: shape[1], bytes: try levels(array))
    }

    private static func levels(_ array: StoredArray) throws -> [UInt8] {
        if array.type == .uint8 {
            let bytes = try array.bytes()
            if bytes.contains(where: { $0 > 1 }) { return bytes }
        }
        let values = array.floats()
        let scale: Float = values.allSatisfy { $0 <= 1 } ? 255 : 1
        return values.map { value in
            let level = (value * scale).rounded()
            return level > 0 ? UInt8(min(level, 255)) : 0
        }
    }
}
