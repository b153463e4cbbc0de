import Neuroimaging

/// A run: volumes that were acquired one after another.
public struct RunRecord: LogRecord {
    /// How far a run has come.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// It goes on, or the daemon was killed during it.
        case running
        /// It came to its end.
        case ended
        /// It was left before its end, and has not been taken up again.
        case interrupted
    }

    /// The table that it belongs to.
    public static let table = "run"

    /// The number of the row; nil until it is stored.
    public var id: Int64?
    /// The session's row.
    public var sessionID: Int64
    /// What tells it from the others of its session.
    public var name: String
    /// What the person does: BIDS `task`.
    public var task: String?
    /// When it began, in s since 1970.
    public var startedAt: Double
    /// When it ended, in s since 1970.
    public var endedAt: Double?
    /// Why it ended.
    public var endReason: String?
    /// The time from volume to volume in s.
    public var repetitionTime: Double
    /// The number of volumes that it is planned to have.
    public var plannedVolumes: Int
    /// The number of voxels along each axis; nil before the first volume.
    public var shape: [Int]?
    /// From voxel indices to mm in RAS+; nil before the first volume.
    public var affine: Affine?
    /// How volumes are processed, as JSON.
    public var processing: String
    /// How far it has come.
    public var state: State

    /// Describes a run that begins.
    public init(
        sessionID: Int64,
        name: String,
        task: String? = nil,
        startedAt: Double,
        repetitionTime: Double,
        plannedVolumes: Int,
        grid: VoxelGrid? = nil,
        processing: String
    ) {
        (self.sessionID, self.name, self.task, self.startedAt) = (sessionID, name, task, startedAt)
        (self.repetitionTime, self.plannedVolumes) = (repetitionTime, plannedVolumes)
        shape = grid.map { [$0.shape.x, $0.shape.y, $0.shape.z] }
        affine = grid?.affine
        self.processing = processing
        state = .running
    }

    /// Where its voxels are; nil before the first volume.
    public var grid: VoxelGrid? {
        get {
            guard let shape, let affine, shape.count == 3, shape.allSatisfy({ $0 > 0 }) else { return nil }
            return VoxelGrid(shape: [shape[0], shape[1], shape[2]], affine: affine)
        }
        set {
            shape = newValue.map { [$0.shape.x, $0.shape.y, $0.shape.z] }
            affine = newValue?.affine
        }
    }
}
