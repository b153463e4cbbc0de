import Neuroimaging
import WireFormat

extension StreamAssembly {
    /// What a message means for the pipeline; nothing for topics that are for others.
    ///
    /// Throws `corrupt` or `malformed` if a volume is not what its header says.
    func scannerInputs(
        _ content: MessageContent,
        _ stamp: MessageStamp,
        _ payload: [[UInt8]],
        _ arrival: Arrival
    ) throws(WireError) -> [ScannerInput] {
        let (session, run) = (stamp.session, stamp.run)
        let position = StreamPosition(publisher: stamp.publisher, sequence: stamp.sequence)
        switch content {
        case .run(let body):
            if body.phase == .start { return [.runStart(body.description(session: session, run: run), arrival)] }
            return [.runEnd(session: session, run: run, reason: body.reason ?? "ended by the source")]
        case .volume(let body):
            let volume = IncomingVolume(
                session: session,
                run: run,
                index: body.index,
                volume: try body.storedVolume(payload[0]),
                repetitionTime: body.repetitionTime,
                acquiredAt: body.acquiredAt,
                position: position,
                arrival: arrival
            )
            return [.volume(volume)]
        case .event(let body):
            let (event, onset) = body.stimulus
            return [
                .event(
                    IncomingEvent(
                        session: session,
                        run: run,
                        event: event,
                        onset: onset,
                        position: position,
                        arrival: arrival
                    )
                )
            ]
        case .trigger(let body):
            return [
                .trigger(
                    IncomingTrigger(session: session, run: run, volume: body.volume, time: body.time, arrival: arrival)
                )
            ]
        case .status, .motion, .quality, .pattern, .preview, .reconstruction, .recorded: return []
        }
    }
}

/// What has come from a publisher so far.
public struct StreamCounters: Sendable, Equatable {
    /// Numbered messages that came, whichever way.
    public var messages = 0
    /// Messages that came more than once.
    public var duplicates = 0
    /// Messages that were missing and came on request.
    public var repaired = 0
    /// Messages that were lost for good.
    public var lost = 0
    /// Messages that were refused for what is in them.
    public var refused = 0
    /// Messages of a publisher that another one has replaced.
    public var foreign = 0

    /// Nothing yet.
    public init() {}
}
