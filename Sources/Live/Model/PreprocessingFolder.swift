import Foundation
import Neuroimaging
import Preprocessing
import Weights

/// The files that say how volumes are processed, in a decoder bundle or an output of `percept preprocess`.
public struct PreprocessingFolder: Sendable {
    /// The settings, and the order of the voxels: `preprocessing.json`.
    public struct Settings: Codable, Sendable {
        /// The settings.
        public var configuration: ProcessingConfiguration
        /// The order of a pattern's voxels.
        public var order: Mask.Order

        /// Describes settings.
        public init(configuration: ProcessingConfiguration, order: Mask.Order) {
            self.configuration = configuration
            self.order = order
        }

        /// Reads a file of settings.
        public init(contentsOf url: URL) throws {
            do {
                self = try JSONDecoder().decode(Self.self, from: try Data(contentsOf: url))
            } catch let error as DecodingError {
                throw LiveError(.configuration, url.path, "is not a file of settings: \(error)")
            }
        }
    }

    /// The folder.
    public let folder: URL

    /// Names a folder.
    public init(_ folder: URL) { self.folder = folder }

    /// The names of the files, of which all but the first two may be missing.
    public static let names = ["preprocessing.json", "mask.nii.gz", "reference.nii.gz", statisticsName]
    /// The name of the file with the means and deviations that z-scores begin with.
    public static let statisticsName = "statistics.npz"

    /// Writes statistics, one of each readout, as a folder has them.
    public static func write(_ statistics: [VoxelStatistics], to url: URL) throws {
        let shape = [statistics.count, statistics.first?.means.count ?? 0]
        try NPZ.write(
            [
                ("means", shape, statistics.flatMap { $0.means.map { Float($0) } }),
                ("deviations", shape, statistics.flatMap { $0.deviations.map { Float($0) } }),
            ],
            to: url.path
        )
    }

    /// The path of a file, if it is there.
    public func existing(_ name: String) -> String? {
        let path = folder.appendingPathComponent(name).path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// The settings, if there are any.
    public func settings() throws -> Settings? {
        try existing("preprocessing.json").map { try Settings(contentsOf: URL(fileURLWithPath: $0)) }
    }

    /// The region in the order of the settings, if there is one.
    public func mask(order: Mask.Order) throws -> Mask? {
        try existing("mask.nii.gz").map { try Mask(NIfTIReader(path: $0).volume(0), order: order) }
    }

    /// The volume that the region lies on, if there is one.
    public func reference() throws -> Volume? {
        try existing("reference.nii.gz").map { try NIfTIReader(path: $0).volume(0) }
    }

    /// Means and deviations of each readout's responses, of an earlier run; empty if there are none.
    public func statistics(voxels: Int) throws -> [VoxelStatistics] {
        guard let path = existing(Self.statisticsName) else { return [] }
        let archive = try NPZ(path: path)
        let (means, deviations) = (try archive.array("means"), try archive.array("deviations"))
        guard means.shape.count == 2, means.shape[1] == voxels, deviations.shape == means.shape else {
            throw LiveError(
                .bundle,
                path,
                "has statistics of shape \(means.shape), which do not fit a mask of \(voxels) voxels"
            )
        }
        let (m, d) = (means.doubles(), deviations.doubles())
        return (0..<means.shape[0]).map { readout in
            let range = readout * voxels..<(readout + 1) * voxels
            return VoxelStatistics(means: Array(m[range]), deviations: Array(d[range]))
        }
    }
}
