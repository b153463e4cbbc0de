import Decoder
import Foundation
import Weights

/// What `percept inspect` says about a file of weights or arrays.
struct FileDescription: Encodable {
    struct Array: Encodable {
        var name: String
        var shape: [Int]
        var type: String
    }

    var path: String
    var format: String
    var bytes: Int
    var parameters: Int
    var networks: [String]
    var arrays: [Array]

    /// Describes a file by its ending, or else as a PyTorch checkpoint.
    init(path: String) throws {
        self.path = path
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let size = attributes?[.size] as? Int else {
            throw CommandFailure(.noInput, "\(path): there is no such file or folder")
        }
        bytes = size
        networks = []
        switch (path as NSString).pathExtension.lowercased() {
        case "npy":
            format = "npy array"
            arrays = [try Self.describe("") { try NPY.read(path: path) }]
        case "npz":
            format = "npz archive"
            let archive = try NPZ(path: path)
            arrays = try archive.names.map { name in try Self.describe(name) { try archive.array(name) } }
        default:
            let checkpoint = try Checkpoint(path: path)
            format = checkpoint.format
            arrays = checkpoint.weights.names.compactMap { name in
                checkpoint.weights[name].map { Array(name, $0) }
            }
            networks = RecognizedNetwork.all(
                in: checkpoint.shapes,
                heads: checkpoint.heads,
                decoderHeads: checkpoint.decoderHeads
            ).map(\.summary)
        }
        parameters = arrays.reduce(0) { $0 + $1.shape.reduce(1, *) }
    }

    /// An array, or the fact that it holds Python objects.
    private static func describe(_ name: String, read: () throws -> StoredArray) throws -> Array {
        do {
            return Array(name, try read())
        } catch let error as WeightsError where error.code == .unsupported {
            return Array(name: name, shape: [], type: "not numbers")
        }
    }

    /// The description as text; more arrays than `limit` are summed up by the first part of their names.
    func text(limit: Int) -> String {
        var lines = ["\(path): \(format), \(bytes) bytes, \(arrays.count) arrays, \(parameters) elements"]
        lines += networks.map { "  \($0)" }
        if arrays.count <= limit {
            let width = arrays.map(\.name.count).max() ?? 0
            lines += arrays.map { array in
                "  \(array.name.padding(toLength: width, withPad: " ", startingAt: 0))  \(array.type) \(array.shape)"
            }
        } else {
            lines += groups.map { "  \($0.name): \($0.arrays) arrays, \($0.elements) elements" }
        }
        return lines.joined(separator: "\n")
    }

    private var groups: [(name: String, arrays: Int, elements: Int)] {
        var groups: [(name: String, arrays: Int, elements: Int)] = []
        for array in arrays {
            let parts = array.name.split(separator: ".")
            let name = parts.count > 1 ? "\(parts[0]).*" : "without a prefix"
            let elements = array.shape.reduce(1, *)
            if let index = groups.firstIndex(where: { $0.name == name }) {
                groups[index].arrays += 1
                groups[index].elements += elements
            } else {
                groups.append((name, 1, elements))
            }
        }
        return groups
    }
}

extension FileDescription.Array {
    fileprivate init(_ name: String, _ array: StoredArray) {
        self.init(name: name, shape: array.shape, type: array.type.rawValue)
    }
}
