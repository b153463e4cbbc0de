import Foundation
import Weights

/// A folder of recorded outputs of the reference: `manifest.json` and the files that it describes.
public final class FixtureFolder {
    /// Where it is.
    public let url: URL
    /// The configuration of the recorded networks.
    public let config: FixtureConfiguration
    /// The description of every file: its arrays, or what it is.
    public let files: [String: ManifestValue]
    /// Where the weights of the autoencoder of `vq/io.npz` are.
    public let vqWeights: VQWeights?
    private var archives: [String: FixtureArchive] = [:]

    /// A file of weights, and the place within it.
    public struct VQWeights: Sendable, Equatable {
        /// The file, relative to the folder.
        public let file: String
        /// The entry of the checkpoint that is the state dict; nil where the checkpoint itself says.
        public let key: String?
        /// What stands before the parameters' names, for instance `first_stage_model.`.
        public let prefix: String

        /// The given place.
        public init(file: String, key: String? = nil, prefix: String = "") {
            self.file = file
            self.key = key
            self.prefix = prefix
        }
    }

    /// Reads the manifest of a folder.
    /// - Throws: `ParityError`.
    public init(_ url: URL) throws {
        self.url = url
        let path = url.appendingPathComponent("manifest.json")
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw ParityError(.notFound, url.path, "there is no such folder")
        }
        guard let data = try? Data(contentsOf: path) else {
            throw ParityError(.notFound, path.path, "the folder has no readable manifest.json")
        }
        let manifest: ManifestValue
        do {
            manifest = try JSONDecoder().decode(ManifestValue.self, from: data)
        } catch {
            throw ParityError(.invalidManifest, path.path, "not valid JSON: \(error)")
        }
        config = FixtureConfiguration(manifest["config"] ?? .object([:]), path: "config")
        files = manifest["groups"]?.entries ?? [:]
        vqWeights = Self.vqWeights(manifest["vq_weights"])
    }

    private static func vqWeights(_ value: ManifestValue?) -> VQWeights? {
        if let file = value?.string { return VQWeights(file: file, key: nil, prefix: "") }
        guard let file = value?["file"]?.string else { return nil }
        return VQWeights(file: file, key: value?["key"]?.string, prefix: value?["prefix"]?.string ?? "")
    }

    /// The place of a file.
    public func path(_ file: String) -> URL { url.appendingPathComponent(file) }

    /// Whether a file is there.
    public func has(_ file: String) -> Bool { FileManager.default.fileExists(atPath: path(file).path) }

    /// Whether the manifest describes a file.
    public func describes(_ file: String) -> Bool { files[file] != nil }

    /// A npz file; the same object every time, so that it knows which arrays were read.
    public func archive(_ file: String) throws -> FixtureArchive {
        if let archive = archives[file] { return archive }
        guard has(file) else { throw ParityError(.missing, file, "the folder has no such file") }
        let archive = FixtureArchive(file, try NPZ(path: path(file).path), description: files[file] ?? .null)
        archives[file] = archive
        return archive
    }

    /// Arrays that no check has read, of the files that any check has opened.
    public var unreadArrays: [(file: String, names: [String])] {
        archives.sorted { $0.key < $1.key }.map { ($0.key, $0.value.unread) }.filter { !$0.names.isEmpty }
    }
}

/// A npz file of recorded arrays.
public final class FixtureArchive {
    /// Its path, relative to the folder.
    public let file: String
    /// The names of all arrays.
    public let names: [String]
    private let archive: NPZ
    private let description: ManifestValue
    private var read: Set<String> = []

    init(_ file: String, _ archive: NPZ, description: ManifestValue) {
        self.file = file
        self.archive = archive
        self.description = description
        names = archive.names
    }

    /// Whether there is an array of that name.
    public func has(_ name: String) -> Bool { names.contains(name) }

    /// An array, from now on counted as read.
    public func array(_ name: String) throws -> StoredArray {
        guard has(name) else { throw ParityError(.missing, "\(file): \(name)", "the file has no such array") }
        read.insert(name)
        return try archive.array(name)
    }

    /// What the manifest says about an array.
    public func meaning(of name: String) -> String { description[name]?["what"]?.string ?? "" }

    /// The first components of names of the form `first/rest`, sorted.
    public var prefixes: [String] {
        Set(names.compactMap { $0.contains("/") ? $0.split(separator: "/").first.map(String.init) : nil }).sorted()
    }

    /// The arrays that were not read.
    public var unread: [String] { names.filter { !read.contains($0) } }
}
