import Neuroimaging

/// A volume on its way.
public struct ReplayedVolume: Sendable {
    /// Its number in the run.
    public var number: Int
    /// The voxels.
    public var volume: StoredVolume
    /// The time from volume to volume in s.
    public var repetitionTime: Double
    /// When its acquisition began, in s since 1970; nil where the pace is not the scanner's.
    public var acquiredAt: Double?
    /// The files of a scanner that hold it.
    public var files: [String]
}

/// A protocol in which a run is sent again.
public protocol ReplaySender: Sendable {
    /// The faults that the protocol has a place for.
    var possibleFaults: Set<ReplayFault.Kind> { get }

    /// Whether events can be sent.
    var sendsEvents: Bool { get }

    /// Begins a run whose volumes are like the given one.
    func begin(_ run: RunDescription, like volume: StoredVolume) async throws

    /// Sends a volume, or does what becomes of it.
    func send(_ volume: ReplayedVolume, _ delivery: ReplayDelivery) async throws

    /// Sends an event.
    func send(_ event: StimulusEvent) async throws

    /// Closes the connection, and opens it again after some s.
    func disconnect(seconds: Double) async throws

    /// Ends the run.
    func end(reason: String) async throws

    /// Ends the connection.
    func close() async
}
