import Neuroimaging
import Preprocessing
import Sessions

/// What the lanes hand over to be kept.
///
/// Records come without the ids of the log: the recorder knows them.
public enum RecordItem: Sendable {
    /// A run has begun.
    case runStart(RunKey, RunRecord)
    /// A volume came, with its voxels where they are to be recorded; or one is missing.
    case volume(RunKey, VolumeRecord, StoredVolume?)
    /// An event was presented to the estimation of trials.
    case event(RunKey, EventRecord)
    /// A trial was estimated.
    case trial(RunKey, TrialRecord)
    /// A trial was decoded, from the readout of this number.
    case reconstruction(RunKey, readout: Int, ReconstructionRecord)
    /// The state of processing before a volume, to go on from there after a crash.
    case checkpoint(RunKey, nextVolume: Int, state: [UInt8])
    /// The file of such a state, once it is written.
    case checkpointFile(RunKey, CheckpointRecord)
    /// A run has ended, or was interrupted.
    case runEnd(RunKey, RunRecord.State, reason: String, at: Double, [VoxelStatistics]?)
    /// Something went wrong.
    case fault(FaultRecord, RunKey?)

    /// The bytes that wait with it; rows alone weigh nothing, so that they are not dropped for volumes.
    var weight: Int {
        switch self {
        case .volume(_, _, let voxels?): voxels.bytes.count
        default: 0
        }
    }
}

/// Takes in what is to be kept; never waits.
public protocol RecordSink: Sendable {
    /// Hands an item over. What does not fit is counted and reported by the recorder.
    func offer(_ item: RecordItem)
}
