import Digests
import Foundation

/// What `bundle.json` says: everything about a decoder but its weights.
public struct BundleManifest: Codable, Sendable, Equatable {
    /// What the file calls itself.
    public static let format = "percept decoder bundle"
    /// The version that this code writes and reads.
    public static let version = 1

    /// Always ``format``.
    public var format = Self.format
    /// The version of the format.
    public var version = Self.version
    /// The number of voxels of a pattern.
    public var voxels: Int
    /// How patterns have to be normalised before they are decoded.
    public var normalization: String
    /// The sizes of the networks.
    public var networks: LatentDiffusionConfiguration
    /// What `decode` does unless told otherwise.
    public var sampler: SamplerDefaults
    /// Where the weights come from.
    public var provenance: Provenance
    /// The other files of the bundle by name.
    public var files: [String: FileRecord]

    /// The sampler that a bundle suggests.
    public struct SamplerDefaults: Codable, Sendable, Equatable {
        /// The method.
        public var method: SamplerMethod
        /// The number of steps.
        public var steps: Int

        /// Suggests a sampler; by default the published 250 steps of PLMS.
        public init(method: SamplerMethod = .plms, steps: Int = 250) {
            self.method = method
            self.steps = steps
        }
    }

    /// Where the weights come from.
    public struct Provenance: Codable, Sendable, Equatable {
        /// The program that wrote the bundle.
        public var createdBy: String
        /// When, in UTC.
        public var createdAt: Date
        /// The files that it was made of.
        public var sources: [Source]
        /// Whether parts of the conditioning are untrained, so that the decoder must be fine-tuned before use.
        public var needsFineTuning: Bool
        /// The seed of freshly initialised weights, if there are any.
        public var seed: UInt64?
        /// What a reader should know.
        public var notes: [String]
    }

    /// A file that weights were taken from.
    public struct Source: Codable, Sendable, Equatable {
        /// What it was used as.
        public var role: String
        /// Its name, without the folders above it.
        public var name: String
        /// Its size.
        public var bytes: Int
        /// The SHA-256 of its content.
        public var sha256: String
    }

    /// A file of the bundle.
    public struct FileRecord: Codable, Sendable, Equatable {
        /// Its size.
        public var bytes: Int
        /// The SHA-256 of its content.
        public var sha256: String
    }

    /// A digest that changes with any of the files: it tells whether packed weights belong to this bundle.
    public var weightsHash: String {
        let lines = files.sorted { $0.key < $1.key }.map { "\($0.value.sha256)  \($0.key)\n" }
        return SHA256.hexDigest(of: lines.joined().utf8)
    }
}

extension BundleManifest {
    /// The JSON of `bundle.json`.
    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self)
    }

    /// Reads and checks `bundle.json`.
    init(contentsOf url: URL) throws {
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw BundleError(.notFound, url.path, "it cannot be read; is the folder a decoder bundle?")
        }
        struct Head: Decodable {
            var format: String
            var version: Int
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            let head = try decoder.decode(Head.self, from: data)
            guard head.format == Self.format else {
                throw BundleError(.invalid, url.path, "its format is \"\(head.format)\", not \"\(Self.format)\"")
            }
            guard head.version == Self.version else {
                throw BundleError(
                    .invalid,
                    url.path,
                    "it has version \(head.version); this program reads version \(Self.version)"
                )
            }
            self = try decoder.decode(Self.self, from: data)
        } catch let error as DecodingError {
            throw BundleError(.invalid, url.path, Self.describe(error))
        }
        do {
            try networks.validate()
        } catch {
            throw BundleError(.invalid, url.path, "networks: \(error)")
        }
        guard networks.conditioning?.encoder.voxels == voxels else {
            throw BundleError(.invalid, url.path, "voxels: \(voxels) is not what the networks are made for")
        }
        guard files.keys.allSatisfy({ !$0.isEmpty && !$0.contains("/") && !$0.hasPrefix(".") }) else {
            throw BundleError(.invalid, url.path, "it names files outside the bundle")
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        let (context, problem): (DecodingError.Context, String) =
            switch error {
            case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
            case .typeMismatch(let type, let context): (context, "this is not of type \(type)")
            case .valueNotFound(let type, let context): (context, "a \(type) is missing")
            case .dataCorrupted(let context): (context, "this is not valid")
            @unknown default: (.init(codingPath: [], debugDescription: ""), "it is not valid")
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? problem : "\(path): \(problem)"
    }
}
