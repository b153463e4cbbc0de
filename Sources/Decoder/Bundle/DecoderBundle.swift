import Digests
import Foundation
import Neural
import Tensors
import Weights

/// A decoder on disk: a folder `NAME.percept` with `bundle.json` and the weights, which are mapped, not read.
public final class DecoderBundle {
    /// The folder.
    public let folder: URL
    /// What `bundle.json` says.
    public let manifest: BundleManifest
    private var packed: PackedWeightFile?

    /// The name of the description inside the folder.
    public static let manifestName = "bundle.json"

    /// Reads the description and checks that the files are there in the sizes that it records.
    ///
    /// Contents are not compared with their digests; ``damagedFiles()`` does that.
    public init(opening folder: URL) throws {
        self.folder = folder
        manifest = try BundleManifest(contentsOf: folder.appendingPathComponent(Self.manifestName))
        for (name, record) in manifest.files {
            let path = folder.appendingPathComponent(name).path
            guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int else {
                throw BundleError(.notFound, path, "it is missing, although bundle.json names it")
            }
            guard size == record.bytes else {
                throw BundleError(.invalid, path, "it has \(size) bytes, bundle.json records \(record.bytes)")
            }
        }
    }

    /// The decoder with its weights, each of which is read when it is first needed.
    ///
    /// Packed weights of an earlier run serve in place of the raw ones where there are any for the current engine.
    public func makeDecoder() throws -> LatentDiffusion {
        let decoder = LatentDiffusion(manifest.networks)
        var weights = StateDictionary()
        for name in manifest.files.keys.sorted()
        where name.hasSuffix(".safetensors") && name != StandardizationFile.name {
            let file = try Safetensors(path: folder.appendingPathComponent(name).path)
            for name in file.tensors.names { weights[name] = file.tensors[name] }
        }
        let report = decoder.store.load(weights)
        guard report.isExact else { throw BundleError(.invalid, folder.path, "its weights do not fit: \(report)") }
        packed = PackedWeightFile(packedFile, key: packedKey)
        decoder.store.usePackedCache(packed)
        return decoder
    }

    /// How raw patterns become what the decoder sees; nil for a bundle that does not say, whose patterns come prepared.
    public func standardization() throws -> PatternStandardization? {
        guard manifest.files[StandardizationFile.name] != nil else { return nil }
        let path = folder.appendingPathComponent(StandardizationFile.name).path
        return try StandardizationFile.read(path, width: manifest.voxels)
    }

    /// Keeps what the decoder has packed so far for later runs, unless they are kept already.
    ///
    /// To be called after a decoder of this bundle was used.
    /// - Returns: the number of bytes written, 0 if there was nothing new.
    /// - Throws: ``BundleError`` if the folder cannot be written to; the decoder works without.
    @discardableResult
    public func savePackedWeights(of decoder: LatentDiffusion) throws -> Int {
        if let packed, !packed.isIncomplete { return 0 }
        return try PackedWeightFile.write(decoder.store.parameters, key: packedKey, to: packedFile)
    }

    /// The names of the files whose content is not what `bundle.json` records.
    public func damagedFiles() throws -> [String] {
        try manifest.files.sorted { $0.key < $1.key }.filter { name, record in
            try SHA256.hexDigest(of: folder.appendingPathComponent(name)) != record.sha256
        }.map(\.key)
    }

    private var packedFile: URL { folder.appendingPathComponent(PackedWeightFile.fileName) }

    private var packedKey: PackedWeightFile.Key {
        PackedWeightFile.Key(
            weights: manifest.weightsHash,
            layout: PackedWeightFile.layoutVersion,
            instructionSet: Engine.current.instructionSet.rawValue
        )
    }
}
