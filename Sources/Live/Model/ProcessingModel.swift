import Digests
import Foundation
import Neuroimaging
import Preprocessing

/// What every run is processed with: settings, region, reference and what is known of the voxels.
public struct ProcessingModel: Sendable {
    /// The settings; the repetition time and the planned length are those of each run.
    public let configuration: ProcessingConfiguration
    /// The region, in the order of the patterns.
    public let mask: Mask
    /// The volume that the region lies on; nil if that is each run's first.
    public let reference: Volume?
    /// The statistics of earlier responses, one for each readout; empty if there are none.
    public let statistics: [VoxelStatistics]
    /// A SHA-256 that changes with any of these.
    public let digest: String
    /// A SHA-256 of settings, region and reference alone: with the same, patterns have the same voxels and mean the same,
    /// whatever their z-scores began with.
    public let patternDigest: String

    /// Takes the parts as they are.
    public init(
        configuration: ProcessingConfiguration,
        mask: Mask,
        reference: Volume?,
        statistics: [VoxelStatistics] = []
    ) throws {
        self.configuration = configuration
        self.mask = mask
        self.reference = reference
        self.statistics = statistics
        var digest = SHA256()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try encoder.encode(configuration).withUnsafeBytes { digest.update($0) }
        try encoder.encode(mask.grid).withUnsafeBytes { digest.update($0) }
        mask.offsets.withUnsafeBytes { digest.update($0) }
        reference?.voxels.withUnsafeBytes { digest.update($0) }
        var whole = digest
        patternDigest = digest.hexDigest()
        for part in statistics {
            part.means.withUnsafeBytes { whole.update($0) }
            part.deviations.withUnsafeBytes { whole.update($0) }
        }
        self.digest = whole.hexDigest()
    }

    /// Reads the parts from a bundle or an output of `percept preprocess`.
    ///
    /// - Throws: `LiveError` with `bundle` where something is missing or does not fit.
    public init(_ folder: PreprocessingFolder) throws {
        let path = folder.folder.path
        guard let settings = try folder.settings() else {
            throw LiveError(
                .bundle,
                path,
                "has no preprocessing.json; name a folder that `percept preprocess` wrote as `preprocessing`"
            )
        }
        guard let mask = try folder.mask(order: settings.order) else {
            throw LiveError(.bundle, path, "has no mask.nii.gz, which says what voxels a pattern has")
        }
        let reference = try folder.reference()
        if let reference, !reference.grid.matches(mask.grid, tolerance: 0.1) {
            throw LiveError(
                .bundle,
                path,
                "has a mask on \(mask.grid.shape) voxels and a reference of \(reference.grid.shape), which differ"
            )
        }
        try self.init(
            configuration: settings.configuration,
            mask: mask,
            reference: reference,
            statistics: try folder.statistics(voxels: mask.count)
        )
    }

    /// The settings for a run.
    public func configuration(repetitionTime: Double?, plannedVolumes: Int) -> ProcessingConfiguration {
        var configuration = configuration
        if let repetitionTime { configuration.repetitionTime = repetitionTime }
        configuration.plannedVolumes = max(2, plannedVolumes)
        return configuration
    }

    /// Why volumes on a grid cannot be what the model was made for; nil if they can.
    ///
    /// Position and orientation may differ, because a session is aligned; the number and size of the voxels may not.
    public func mismatch(_ grid: VoxelGrid) -> String? {
        guard let expected = reference?.grid else { return nil }
        let (size, expectedSize) = (grid.voxelSize, expected.voxelSize)
        let sorted = { (values: SIMD3<Double>) in [values.x, values.y, values.z].sorted() }
        let sameSize = zip(sorted(size), sorted(expectedSize)).allSatisfy { abs($0 - $1) <= 0.02 * $1 }
        let shape = { (grid: VoxelGrid) in [grid.shape.x, grid.shape.y, grid.shape.z].sorted() }
        guard !sameSize || shape(grid) != shape(expected) else { return nil }
        let text = { (grid: VoxelGrid, size: SIMD3<Double>) in
            "\(grid.shape.x)×\(grid.shape.y)×\(grid.shape.z) voxels of "
                + [size.x, size.y, size.z].map { String(format: "%.2f", $0) }.joined(separator: "×") + " mm"
        }
        return "has \(text(grid, size)), but the model was made for \(text(expected, expectedSize)); "
            + "use the protocol of the training session, or a bundle for this one"
    }
}
