import Digests
import Dispatch
import Foundation
import Neural
import Synchronization
import Tensors
import Weights

extension BundleImport {
    /// The files of a bundle and the prefixes of the weights in them.
    private static let files = [
        "unet.safetensors": prefixes.unet, "autoencoder.safetensors": prefixes.autoencoder,
        "conditioning.safetensors": prefixes.conditioning,
    ]

    /// Writes the bundle; it appears under its name only when it is complete and on disk.
    ///
    /// Files are written and hashed side by side, one array of each in memory at a time.
    /// - Parameters:
    ///   - replaces: whether a bundle of this name may be replaced; anything else never is.
    ///   - creator: the program and its version, for the provenance.
    /// - Returns: what `bundle.json` says.
    @discardableResult
    public func write(to folder: URL, replaces: Bool = false, creator: String) throws -> BundleManifest {
        try Self.requireReplaceable(folder, replaces: replaces)
        let target = try AtomicFolder(folder, replaces: replaces)
        do {
            let manifest = try writeContent(to: target.temporary, creator: creator)
            try target.commit()
            return manifest
        } catch {
            target.discard()
            throw error
        }
    }

    private static func requireReplaceable(_ folder: URL, replaces: Bool) throws {
        guard replaces, FileManager.default.fileExists(atPath: folder.path) else { return }
        let manifest = folder.appendingPathComponent(DecoderBundle.manifestName)
        guard FileManager.default.fileExists(atPath: manifest.path) else {
            throw BundleError(.alreadyExists, folder.path, "this is not a decoder bundle, so it is not replaced")
        }
    }

    private func writeContent(to folder: URL, creator: String) throws -> BundleManifest {
        guard let voxels = decoder.configuration.conditioning?.encoder.voxels else {
            throw BundleError(.unsuitableCheckpoint, folder.path, "a bundle needs a conditioning on fMRI")
        }
        let (files, sources) = try writeAndHash(to: folder)
        let provenance = BundleManifest.Provenance(
            createdBy: creator,
            createdAt: Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded()),
            sources: sources,
            needsFineTuning: needsFineTuning,
            seed: needsFineTuning || isTrainedHere ? seed : nil,
            notes: notes
        )
        let manifest = BundleManifest(
            voxels: voxels,
            normalization: standardization == nil
                ? "patterns as in the decoder's training: scaled to mean 0 and standard deviation 1 over the "
                    + "training matrix, and padded by wrapping to the number of voxels"
                : "raw patterns less the mean, divided by the deviation"
                    + (standardization?.projection == nil ? "" : ", multiplied by the projection")
                    + " in \(StandardizationFile.name), and padded by wrapping to the number of voxels",
            networks: decoder.configuration,
            sampler: sampler ?? .init(steps: steps.flatMap { (1...1000).contains($0) ? $0 : nil } ?? 250),
            provenance: provenance,
            files: files
        )
        let file = folder.appendingPathComponent(DecoderBundle.manifestName)
        do {
            try manifest.encoded().write(to: file)
        } catch {
            throw BundleError(.unwritable, file.path, error.localizedDescription)
        }
        return manifest
    }

    /// Writes the files and hashes the sources at once, each on a thread.
    private func writeAndHash(
        to folder: URL
    ) throws -> (files: [String: BundleManifest.FileRecord], sources: [BundleManifest.Source]) {
        // The longest job first, so that the others fit beside it.
        var files = Self.files.map { name, prefix in
            FilePlan(name: name, path: folder.appendingPathComponent(name).path, outputs: outputs(prefix: prefix))
        }
        if let standardization {
            let name = StandardizationFile.name
            files.append(
                FilePlan(
                    name: name,
                    path: folder.appendingPathComponent(name).path,
                    outputs: StandardizationFile.outputs(standardization)
                )
            )
        }
        let plans = files.sorted { $0.size > $1.size }
        let (sources, attachments) = (sources, attachments)
        let results = Mutex<[Int: Result<BundleManifest.FileRecord, any Error>]>([:])
        let names = plans.map(\.name) + attachments.map(\.name)
        precondition(Set(names).count == names.count, "Two files of a bundle are called the same: \(names).")
        let jobs = names.count + sources.count
        DispatchQueue.concurrentPerform(iterations: jobs) { job in
            let result = Result {
                if job < plans.count { return try plans[job].write() }
                guard job < names.count else { return try Self.hash(sources[job - names.count].path) }
                let file = folder.appendingPathComponent(names[job])
                try attachments[job - plans.count].write(file)
                return try Self.hash(file.path)
            }
            results.withLock { $0[job] = result }
        }
        let records = try results.withLock { results in try (0..<jobs).map { try results[$0]?.get() } }.compactMap {
            $0
        }
        let written = Dictionary(uniqueKeysWithValues: zip(names, records))
        let described = zip(sources, records.dropFirst(names.count)).map { source, record in
            let name = URL(fileURLWithPath: source.path).lastPathComponent
            return BundleManifest.Source(role: source.role, name: name, bytes: record.bytes, sha256: record.sha256)
        }
        return (written, described)
    }

    private static func hash(_ path: String) throws -> BundleManifest.FileRecord {
        let url = URL(fileURLWithPath: path)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        return .init(bytes: size ?? 0, sha256: try SHA256.hexDigest(of: url))
    }

    private func outputs(prefix: String) -> [Safetensors.Output] {
        decoder.store.parameters.filter { $0.name.hasPrefix(prefix) }.map { parameter in
            Safetensors.Output(name: parameter.name, shape: parameter.shape) { (body) throws(WeightsError) in
                // A value that is not kept, so that the pages of its file are given back.
                let tensor = parameter.transientValue
                let elements = UnsafeBufferPointer(start: tensor.pointer, count: tensor.count)
                try body(elements)
                withExtendedLifetime(tensor) {}
            }
        }
    }

    /// A file to be written on a thread of its own, which nobody else has a part of.
    private struct FilePlan: @unchecked Sendable {
        let name: String
        let path: String
        let outputs: [Safetensors.Output]

        var size: Int { outputs.reduce(0) { $0 + $1.shape.reduce(1, *) } }

        func write() throws -> BundleManifest.FileRecord {
            var digest = SHA256()
            var bytes = 0
            try Safetensors.write(outputs, metadata: ["format": "percept"], to: path) { part in
                digest.update(part)
                bytes += part.count
            }
            return .init(bytes: bytes, sha256: digest.hexDigest())
        }
    }
}
