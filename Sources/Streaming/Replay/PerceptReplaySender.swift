import Foundation
import Neuroimaging
import Synchronization
import WireFormat

/// Publishes a run in Percept's own protocol.
public actor PerceptReplaySender: ReplaySender {
    /// The publisher.
    public nonisolated let publisher: StreamPublisher
    private var names = (session: "", run: "")
    /// The numbers of messages with volumes that may yet be sent again, by volume.
    private var sequences: [Int: UInt64] = [:]
    private var interruptions: [Task<Void, Never>] = []

    /// Takes a publisher, whose sockets are bound already.
    public init(_ publisher: StreamPublisher) { self.publisher = publisher }

    /// Anything can happen to messages.
    public nonisolated var possibleFaults: Set<ReplayFault.Kind> { Set(ReplayFault.Kind.allCases) }

    /// Events are messages of their own.
    public nonisolated var sendsEvents: Bool { true }

    /// Announces the run.
    public func begin(_ run: RunDescription, like volume: StoredVolume) async throws {
        names = (run.session, run.run)
        try publisher.publish(RunBody(starting: run), topic: .run, session: names.session, run: names.run)
    }

    /// Publishes a volume.
    public func send(_ volume: ReplayedVolume, _ delivery: ReplayDelivery) async throws {
        if delivery.isRepeated {
            if let sequence = sequences.removeValue(forKey: volume.number) { publisher.sendAgain(sequence) }
            return
        }
        // Types that do not travel become single precision.
        let isPlain = VoxelType(volume.volume.dataType) != nil
        let stored = isPlain ? volume.volume : StoredVolume(volume.volume.volume)
        let body = try VolumeBody(
            stored,
            index: volume.number,
            repetitionTime: volume.repetitionTime,
            acquiredAt: volume.acquiredAt
        )
        let sequence = try publisher.publish(
            body,
            topic: .volume,
            session: names.session,
            run: names.run,
            payload: [stored.bytes],
            delivery: Self.delivery(delivery)
        )
        sequences = sequences.filter { $0.key >= volume.number - 2 }
        sequences[volume.number] = sequence
    }

    /// Publishes an event at its onset.
    public func send(_ event: StimulusEvent) async throws {
        let body = EventBody(
            onset: event.onset,
            duration: event.duration,
            trialType: event.trialType,
            stimulusFile: event.stimulusFile,
            modulation: event.modulation == 1 ? nil : event.modulation,
            attributes: event.attributes.isEmpty ? nil : event.attributes
        )
        try publisher.publish(body, topic: .event, session: names.session, run: names.run)
    }

    /// Closes the sockets for some s; the run goes on meanwhile, as if the network were cut.
    public func disconnect(seconds: Double) async throws {
        let publisher = publisher
        interruptions.append(Task { await publisher.interrupt(for: .seconds(seconds)) })
    }

    /// Announces the end of the run.
    public func end(reason: String) async throws {
        for interruption in interruptions { await interruption.value }
        interruptions = []
        let body = RunBody(phase: .end, reason: reason)
        try publisher.publish(body, topic: .run, session: names.session, run: names.run)
    }

    /// Closes the sockets.
    public func close() async { await publisher.close() }

    private static func delivery(_ delivery: ReplayDelivery) -> Delivery {
        switch delivery {
        case .sent, .late, .again: .sent
        case .dropped: .lost
        case .withheld, .heldBack: .withheld
        case .corrupted:
            .damaged { parts in
                var parts = parts
                // The middle of the voxels, which only the checksum tells.
                if let last = parts.indices.last, !parts[last].isEmpty { parts[last][parts[last].count / 2] ^= 0x55 }
                return parts
            }
        }
    }
}
