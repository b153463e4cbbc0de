import Neuroimaging
import WireFormat

/// Sends a run as Dimon sends it to AFNI.
public actor AFNIReplaySender: ReplaySender {
    private let sender: AFNISender
    private var metadata: AFNIMetadata?

    /// Describes a sender to a receiver.
    public init(_ target: AFNISender.Target) { sender = AFNISender(target) }

    /// Volumes have no numbers in this protocol: one that is lost or comes twice would shift all that follow.
    public nonisolated var possibleFaults: Set<ReplayFault.Kind> { [.delay, .stall, .disconnect] }

    /// The protocol knows no events.
    public nonisolated var sendsEvents: Bool { false }

    /// Connects, and says what the run is like.
    public func begin(_ run: RunDescription, like volume: StoredVolume) async throws {
        let isPlain = volume.slope == 1 && volume.intercept == 0
        let same = AFNIMetadata.Datum.allCases.first { $0.dataType == volume.dataType }
        var metadata = AFNIMetadata(grid: volume.grid, datum: (isPlain ? same : nil) ?? .float)
        (metadata.name, metadata.repetitionTime) = (run.run, run.repetitionTime)
        metadata.plannedVolumes = run.plannedVolumes
        self.metadata = metadata
        try await sender.connect()
        try await sender.startRun(metadata)
    }

    /// Sends a volume.
    public func send(_ volume: ReplayedVolume, _ delivery: ReplayDelivery) async throws {
        try await sender.send(volume.volume)
    }

    /// Does nothing.
    public func send(_ event: StimulusEvent) async throws {}

    /// Closes the channel, which ends the run for the receiver, and begins another after some s.
    public func disconnect(seconds: Double) async throws {
        await sender.close()
        try await Task.sleep(for: .seconds(seconds))
        try await sender.connect()
        if let metadata { try await sender.startRun(metadata) }
    }

    /// Ends the run.
    public func end(reason: String) async throws {
        // Images may be too small for the mark; closing ends a run as well.
        do { try await sender.endRun() } catch { await sender.close() }
    }

    /// Closes the channel.
    public func close() async { await sender.close() }
}
