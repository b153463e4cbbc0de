import Decoder
import Digests
import Foundation
import Tensors
import Weights

/// Voxel patterns of a file, checked against what a decoder takes.
struct PatternSource {
    let path: String
    /// The name of the array in an npz file.
    let key: String?
    /// `[n, 1, V]`.
    let patterns: Tensor
    /// The SHA-256 of the file.
    let digest: String

    var count: Int { patterns.shape[0] }

    init(path: String, key: String?, voxels: Int) throws {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(.noInput, "\(path): there is no such file")
        }
        let array: StoredArray
        if path.hasSuffix(".npy") {
            self.key = nil
            array = try NPY.read(path: path)
        } else {
            let archive = try NPZ(path: path)
            guard let name = key ?? (archive.names.count == 1 ? archive.names.first : nil) else {
                let names = archive.names.joined(separator: ", ")
                throw CommandFailure(.usage, "\(path): it has several arrays (\(names)); choose one with --key")
            }
            self.key = name
            array = try archive.array(name)
        }
        let subject = self.key.map { "\(path): \($0)" } ?? path
        guard array.type.isFloatingPoint else {
            throw CommandFailure(
                .badData,
                "\(subject): patterns are floating-point numbers, not \(array.type.rawValue)"
            )
        }
        let shape = array.shape
        guard shape.count == 2 || shape.count == 3 && shape[1] == 1, shape[0] > 0 else {
            throw CommandFailure(.badData, "\(subject): it has shape \(shape), patterns have [n, V] or [n, 1, V]")
        }
        guard shape.last == voxels else {
            throw CommandFailure(
                .badData,
                "\(subject): its patterns have \(shape.last ?? 0) voxels, this decoder takes \(voxels)"
            )
        }
        patterns = Tensor(array).reshaped([shape[0], 1, voxels])
        if let bad = patterns.elements.firstIndex(where: { !$0.isFinite }) {
            throw CommandFailure(
                .badData,
                "\(subject): pattern \(bad / voxels) has a voxel that is not a finite number"
            )
        }
        digest = try SHA256.hexDigest(of: URL(fileURLWithPath: path))
    }
}
