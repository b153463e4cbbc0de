import Decoder
import Foundation
import Live
import Preprocessing
import SessionDatasets
import Training

/// The files of preprocessing that a trained bundle gets, so that the daemon needs nothing else.
enum TrainedPreprocessing {
    /// Copies of a folder's files, and as statistics those that the last run to learn from left.
    ///
    /// - Throws: `CommandFailure` if the patterns were not made with what is in the folder.
    static func attachments(
        _ folder: URL,
        pairs: PairedDataset,
        sessions: SessionDataset?
    ) throws -> [BundleAttachment] {
        let files = PreprocessingFolder(folder)
        let model = try ProcessingModel(files)
        // Logs of earlier versions have one digest for everything.
        if let made = sessions?.processing, made != model.patternDigest, made != model.digest {
            throw CommandFailure(
                .badData,
                "\(folder.path): the sessions were processed with another region, reference or settings; name the folder "
                    + "that `preprocessing` (or `bundle`) named when they were recorded"
            )
        }
        guard model.mask.count == pairs.training.responses.columns else {
            throw CommandFailure(
                .badData,
                "\(folder.path): its mask has \(model.mask.count) voxels, the patterns have "
                    + "\(pairs.training.responses.columns)"
            )
        }
        let latest = (sessions?.statistics ?? []).map { VoxelStatistics(means: $0.means, deviations: $0.deviations) }
        let name = PreprocessingFolder.statisticsName
        let copied = PreprocessingFolder.names.filter { files.existing($0) != nil && ($0 != name || latest.isEmpty) }
        return copied.map { BundleAttachment(copying: folder.appendingPathComponent($0)) }
            + (latest.isEmpty ? [] : [BundleAttachment(name) { try PreprocessingFolder.write(latest, to: $0) }])
    }
}
