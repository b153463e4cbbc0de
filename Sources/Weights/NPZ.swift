import CZlib

/// NumPy's npz: a zip archive of npy arrays.
public struct NPZ: Sendable {
    /// The names of the arrays, in the order of the archive.
    public let names: [String]
    private let archive: ZipArchive

    /// Maps an archive and reads its directory.
    public init(path: String) throws(WeightsError) {
        try self.init(MappedFile(path: path).region, path: path)
    }

    init(_ region: ByteRegion, path: String) throws(WeightsError) {
        archive = try ZipArchive(region, path: path)
        names = archive.entries.compactMap { $0.name.hasSuffix(".npy") ? String($0.name.dropLast(4)) : nil }
    }

    /// The array of that name.
    ///
    /// Throws `missing` if there is none.
    public func array(_ name: String) throws(WeightsError) -> StoredArray {
        try NPY.read(content(name), subject: "\(archive.path): \(name)")
    }

    /// The Python objects of that name, read without executing anything.
    public func objects(_ name: String) throws(WeightsError) -> PickleReference {
        try NPY.readObjects(content(name), subject: "\(archive.path): \(name)")
    }

    private func content(_ name: String) throws(WeightsError) -> ByteRegion {
        guard let entry = archive[name + ".npy"] else {
            let known = names.prefix(8).joined(separator: ", ")
            throw WeightsError(
                .missing,
                archive.path,
                "has no array \(name); it has \(known)\(names.count > 8 ? ", …" : "")"
            )
        }
        return try archive.content(of: entry)
    }

    /// Writes float32 arrays as an uncompressed archive, replacing what was there at once.
    public static func write(
        _ arrays: [(name: String, shape: [Int], elements: [Float])],
        to path: String
    ) throws(WeightsError) {
        try AtomicWriter.write(to: path) { (descriptor) throws(WeightsError) in
            var writer = ZipWriter(descriptor: descriptor, path: path)
            for array in arrays {
                let bytes = NPY.encode(array.elements, shape: array.shape)
                let outcome = bytes.withUnsafeBytes { buffer in
                    Result { () throws(WeightsError) in try writer.add(array.name + ".npy", [buffer]) }
                }
                try outcome.get()
            }
            try writer.finish()
        }
    }
}
