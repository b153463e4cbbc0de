import Neuroimaging

/// A volume of a recording, as it came.
public struct RecordedVolume: Sendable, Equatable {
    /// Its number in the run, from 0.
    public var index: Int
    /// Its place in the order in which the run's volumes were dealt with, from 0.
    public var arrival: Int
    /// When its acquisition began, in s since 1970 on the clock of the source.
    public var acquiredAt: Double?
    /// When its last byte arrived, in s since 1970.
    public var receivedAt: Double
    /// The voxels.
    public var volume: StoredVolume

    /// Describes a volume.
    public init(index: Int, arrival: Int, acquiredAt: Double? = nil, receivedAt: Double, volume: StoredVolume) {
        (self.index, self.arrival, self.acquiredAt) = (index, arrival, acquiredAt)
        (self.receivedAt, self.volume) = (receivedAt, volume)
    }
}

/// What a recording says of all its volumes.
public struct RecordingDescription: Sendable, Equatable {
    /// The session.
    public var session: String
    /// The run.
    public var run: String
    /// The time from volume to volume in s.
    public var repetitionTime: Double
    /// Where the voxels are.
    public var grid: VoxelGrid
    /// How voxels are stored.
    public var dataType: NIfTIDataType

    /// Describes a recording.
    public init(session: String, run: String, repetitionTime: Double, grid: VoxelGrid, dataType: NIfTIDataType) {
        (self.session, self.run, self.repetitionTime) = (session, run, repetitionTime)
        (self.grid, self.dataType) = (grid, dataType)
    }

    /// The bytes of one volume.
    public var volumeBytes: Int { grid.count * dataType.size }

    /// Whether a volume can be recorded under this description.
    public func fits(_ volume: StoredVolume) -> Bool { volume.grid == grid && volume.dataType == dataType }
}
