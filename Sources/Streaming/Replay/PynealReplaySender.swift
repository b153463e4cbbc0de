import Neuroimaging

/// Sends a run as Pyneal-Scanner does.
public struct PynealReplaySender: ReplaySender {
    private let sender: PynealSender

    /// Describes a sender to a receiver such as `tcp://127.0.0.1:5555`.
    ///
    /// - Parameters:
    ///   - address: The receiver's address.
    ///   - timeout: How long it is waited for, in s.
    public init(address: String, timeout: Double) throws {
        sender = try PynealSender(address: address, timeout: timeout)
    }

    /// Nothing in the protocol shows that a volume was damaged, or lets one be asked for again.
    public var possibleFaults: Set<ReplayFault.Kind> { [.drop, .duplicate, .reorder, .delay, .stall, .disconnect] }

    /// The protocol knows no events.
    public var sendsEvents: Bool { false }

    /// Connects; the protocol has no starts of runs.
    public func begin(_ run: RunDescription, like volume: StoredVolume) async throws { try await sender.connect() }

    /// Sends a volume, and waits for the answer.
    public func send(_ volume: ReplayedVolume, _ delivery: ReplayDelivery) async throws {
        guard delivery.isTransmitted else { return }
        try await sender.send(volume.volume, index: volume.number, repetitionTime: volume.repetitionTime)
    }

    /// Does nothing.
    public func send(_ event: StimulusEvent) async throws {}

    /// Disconnects, and greets again after some s.
    public func disconnect(seconds: Double) async throws {
        await sender.close()
        try await Task.sleep(for: .seconds(seconds))
        try await sender.connect()
    }

    /// Does nothing: the protocol has no ends of runs.
    public func end(reason: String) async throws {}

    /// Closes the socket.
    public func close() async { await sender.close() }
}
