/// What is known of each voxel at the end of a run: where the z-scores of the next one start from.
public struct StatisticsRecord: LogRecord {
    /// The table that it belongs to.
    public static let table = "statistics"

    /// The number of the row; nil until it is stored.
    public var id: Int64?
    /// The run's row.
    public var runID: Int64
    /// Which readout of the trials it is of, from 0.
    public var readout: Int
    /// The mean of each voxel.
    @Packed public var means: [Double]
    /// The standard deviation of each voxel.
    @Packed public var deviations: [Double]

    /// Describes statistics.
    public init(runID: Int64, readout: Int, means: [Double], deviations: [Double]) {
        (self.runID, self.readout) = (runID, readout)
        (_means, _deviations) = (Packed(wrappedValue: means), Packed(wrappedValue: deviations))
    }
}
