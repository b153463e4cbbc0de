import Foundation
import Tensors
import Weights

/// Resting-state recordings of the Human Connectome Project, as pre-training data.
///
/// A folder per subject with `HCP_visual_voxel.npz`, which holds the time series of the visual areas, `[frames, voxels]`.
public enum HCPDataset {
    /// How recordings become samples.
    public struct Options: Sendable, Equatable {
        /// The areas whose voxels are joined, in this order.
        public var regions = ["V1", "V2", "V3", "V4"]
        /// Voxels per patch of the encoder.
        public var patchSize = 16
        /// Frames that are averaged into a sample: 8 s at 0.75 s, rounded down.
        public var framesPerSample = 10

        /// The options of the reference.
        public init() {}
    }

    /// The subjects in a folder, sorted.
    public static func subjects(in folder: URL) throws -> [String] {
        try DatasetFile.names(in: folder).filter {
            FileManager.default.fileExists(atPath: file(of: $0, in: folder).path)
        }
    }

    /// The samples of one subject, `[samples, padded voxels]`.
    ///
    /// Frames are averaged in consecutive segments, voxels padded, and the whole scaled by its mean and deviation.
    /// - Throws: `DatasetError`, or what reading the file throws.
    public static func samples(subject: String, in folder: URL, options: Options = Options()) throws -> ResponseMatrix {
        let url = file(of: subject, in: folder)
        let archive = try NPZ(path: url.path)
        let regions = try options.regions.map { region in
            guard archive.names.contains(region) else {
                throw DatasetError(.unknownName, url.path, "there is no region \(region)")
            }
            return try ResponseMatrix(archive.array(region), name: "\(url.path): \(region)")
        }
        guard regions.allSatisfy({ $0.rows == regions[0].rows }) else {
            throw DatasetError(.inconsistent, url.path, "the regions have different numbers of frames")
        }
        let frames = ResponseMatrix.joined(regions)
        guard frames.rows >= options.framesPerSample, frames.columns > 0 else {
            throw DatasetError(
                .malformed,
                url.path,
                "\(frames.rows) frames of \(frames.columns) voxels do not make a sample"
            )
        }
        let padded = segmentMeans(frames, count: frames.rows / options.framesPerSample)
            .wrapPadded(patchSize: options.patchSize)
        return padded.normalized(by: try padded.usableMoments(of: url.path))
    }

    /// The means of `count` consecutive segments of rows, of which the first `rows mod count` are one row longer.
    static func segmentMeans(_ matrix: ResponseMatrix, count: Int) -> ResponseMatrix {
        let (length, longer) = matrix.rows.quotientAndRemainder(dividingBy: count)
        let values = (0..<count).flatMap { index in
            let start = index * length + min(index, longer)
            return matrix.mean(ofRows: Array(start..<start + length + (index < longer ? 1 : 0)))
        }
        return ResponseMatrix(rows: count, columns: matrix.columns, values: values)
    }

    private static func file(of subject: String, in folder: URL) -> URL {
        folder.appendingPathComponent(subject).appendingPathComponent("HCP_visual_voxel.npz")
    }
}

/// The data of the first phase: responses without images.
public enum PretrainingDataset {
    /// The samples of HCP subjects and, where given, the training rows of GOD subjects, padded to one width.
    /// - Parameters:
    ///   - hcp: the folder of the HCP subjects.
    ///   - subjects: the HCP subjects to read; all of them by default, in sorted order.
    ///   - god: training responses of the GOD data set, for instance `GODDataset.training.responses`.
    public static func load(
        hcp: URL,
        subjects: [String]? = nil,
        options: HCPDataset.Options = .init(),
        appending god: ResponseMatrix? = nil
    ) throws -> ResponseMatrix {
        var parts = try (subjects ?? HCPDataset.subjects(in: hcp)).map {
            try HCPDataset.samples(subject: $0, in: hcp, options: options)
        }
        if let god { parts.append(god) }
        guard let width = parts.map(\.columns).max() else {
            throw DatasetError(.unknownName, hcp.path, "there is no subject with HCP_visual_voxel.npz")
        }
        return .stacked(parts.map { $0.fitted(toWidth: width) })
    }

    /// The samples followed by `(times − 1) · rows` means of two rows drawn with replacement.
    public static func augmented(_ samples: ResponseMatrix, times: Int, seed: UInt64) -> ResponseMatrix {
        precondition(times >= 1 && samples.rows > 0, "Augmentation keeps at least the samples themselves.")
        var numbers = RandomNumbers(seed: seed, purpose: "interpolated responses")
        var values = samples.values
        for _ in 0..<(times - 1) * samples.rows {
            let first = samples[numbers.integer(below: samples.rows)]
            let second = samples[numbers.integer(below: samples.rows)]
            values += zip(first, second).map { ($0 + $1) / 2 }
        }
        return ResponseMatrix(rows: times * samples.rows, columns: samples.columns, values: values)
    }
}
