/// A kept state of processing, to go on from there.
public struct CheckpointRecord: LogRecord {
    /// The table that it belongs to.
    public static let table = "checkpoint"

    /// The number of the row; nil until it is stored.
    public var id: Int64?
    /// The run's row.
    public var runID: Int64
    /// The state is the one before the volume of this ``VolumeRecord/index``.
    public var nextVolume: Int
    /// The name of the file in the session's folder of checkpoints.
    public var file: String
    /// The SHA-256 of the file's state.
    public var sha256: String

    /// Describes a checkpoint.
    public init(runID: Int64, nextVolume: Int, file: String, sha256: String) {
        (self.runID, self.nextVolume, self.file, self.sha256) = (runID, nextVolume, file, sha256)
    }
}
