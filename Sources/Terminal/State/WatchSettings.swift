/// What a view of a session is told besides what the daemon publishes.
public struct WatchSettings: Sendable, Equatable {
    /// Where messages come from, to be shown.
    public var address: String
    /// The number of volumes of a run that does not say it.
    public var plannedVolumes: Int?
    /// The time from volume to volume of a run that does not say it, in s.
    public var repetitionTime: Double?
    /// The framewise displacement above which a volume is marked, in mm.
    public var displacementThreshold = 0.5
    /// The DVARS above which a volume is marked, in %.
    public var dvarsThreshold = 5.0
    /// How long the daemon may say nothing before that is a warning, in s.
    public var patience = 5.0

    /// The defaults.
    public init(address: String) { self.address = address }
}
