/// What a run is said to be when it starts.
public struct RunDescription: Sendable, Equatable, Codable {
    /// The session that it belongs to: one visit of one person.
    public var session: String
    /// What tells the run from others of its session.
    public var run: String
    /// The person, without name: BIDS `sub`.
    public var subject: String?
    /// What the person does: BIDS `task`.
    public var task: String?
    /// The time from volume to volume in s.
    public var repetitionTime: Double?
    /// The number of volumes that the run is planned to have.
    public var plannedVolumes: Int?
    /// When the first volume's acquisition began, in s since 1970 on the clock of the source.
    public var startedAt: Double?

    /// Describes a run.
    public init(session: String, run: String) {
        self.session = session
        self.run = run
    }
}

/// When something arrived.
public struct Arrival: Sendable, Equatable {
    /// On the clock that never steps: latencies are counted from here.
    public var instant: ContinuousClock.Instant
    /// In s since 1970, on the clock of this machine.
    public var time: Double

    /// Describes an arrival.
    public init(instant: ContinuousClock.Instant, time: Double) {
        self.instant = instant
        self.time = time
    }
}

/// How far a stream of numbered messages has been taken in, so that it can go on from there.
public struct StreamPosition: Sendable, Equatable, Codable {
    /// The publisher's own identity, another one after each of its starts.
    public var publisher: String
    /// The number of the last message.
    public var sequence: UInt64

    /// Names a message.
    public init(publisher: String, sequence: UInt64) {
        self.publisher = publisher
        self.sequence = sequence
    }
}

/// A volume that has arrived whole.
public struct IncomingVolume: Sendable {
    /// The session.
    public var session: String
    /// The run.
    public var run: String
    /// Its number in the run, from 0.
    public var index: Int
    /// The voxels.
    public var volume: StoredVolume
    /// The time from volume to volume in s, where the source says it.
    public var repetitionTime: Double?
    /// When its acquisition began, in s since 1970 on the clock of the source.
    public var acquiredAt: Double?
    /// Its place in the stream, where the source can repeat what was lost.
    public var position: StreamPosition?
    /// When its last byte arrived.
    public var arrival: Arrival

    /// Describes a volume.
    public init(
        session: String,
        run: String,
        index: Int,
        volume: StoredVolume,
        repetitionTime: Double? = nil,
        acquiredAt: Double? = nil,
        position: StreamPosition? = nil,
        arrival: Arrival
    ) {
        self.session = session
        self.run = run
        self.index = index
        self.volume = volume
        self.repetitionTime = repetitionTime
        self.acquiredAt = acquiredAt
        self.position = position
        self.arrival = arrival
    }
}

/// A stimulus that was announced or reported while a run goes on.
public struct IncomingEvent: Sendable, Equatable {
    /// When a stimulus began.
    public enum Onset: Sendable, Equatable {
        /// In s after the start of the first volume.
        case run(Double)
        /// In s since 1970 on the clock of the computer that shows stimuli.
        case clock(Double)
        /// At the moment that the message arrived.
        case arrival
    }

    /// The session.
    public var session: String
    /// The run.
    public var run: String
    /// What it was; its onset is the one below.
    public var event: StimulusEvent
    /// When it began.
    public var onset: Onset
    /// Its place in the stream.
    public var position: StreamPosition?
    /// When the message arrived.
    public var arrival: Arrival

    /// Describes an event.
    public init(
        session: String,
        run: String,
        event: StimulusEvent,
        onset: Onset,
        position: StreamPosition? = nil,
        arrival: Arrival
    ) {
        self.session = session
        self.run = run
        self.event = event
        self.onset = onset
        self.position = position
        self.arrival = arrival
    }
}

/// A pulse of the scanner, as the computer that shows stimuli saw it: it ties that computer's clock to the volumes.
public struct IncomingTrigger: Sendable, Equatable {
    /// The session.
    public var session: String
    /// The run.
    public var run: String
    /// The volume whose acquisition began with the pulse.
    public var volume: Int
    /// When, in s since 1970 on that computer's clock.
    public var time: Double
    /// When the message arrived.
    public var arrival: Arrival

    /// Describes a pulse.
    public init(session: String, run: String, volume: Int, time: Double, arrival: Arrival) {
        self.session = session
        self.run = run
        self.volume = volume
        self.time = time
        self.arrival = arrival
    }
}

/// Something that a source refused, lost or noticed.
public struct SourceFault: Sendable, Equatable {
    /// The kind of fault.
    public enum Code: String, Sendable, Codable, CaseIterable {
        /// A message or file is not what the protocol or format says.
        case malformed
        /// A message or file claims more than the limits allow.
        case tooLarge
        /// The content is not what its checksum or header says.
        case corrupt
        /// A file was cut short and did not grow any more.
        case truncated
        /// A message or file that belongs to something else.
        case foreign
        /// The same message or file again.
        case duplicate
        /// Messages were lost and could not be had again.
        case lost
        /// A peer was refused: its key, its address, its protocol.
        case refused
        /// A peer went away, or fell silent.
        case disconnected
        /// A peer came, or came back.
        case connected
        /// A file, folder or socket of ours cannot be used.
        case unavailable
    }

    /// The kind of fault.
    public var code: Code
    /// The peer, file or message.
    public var subject: String
    /// What was wrong, and what to do.
    public var detail: String

    /// Describes a fault.
    public init(_ code: Code, _ subject: String, _ detail: String) {
        self.code = code
        self.subject = subject
        self.detail = detail
    }
}

/// What comes from a scanner, by whichever way.
public enum ScannerInput: Sendable {
    /// A run begins.
    case runStart(RunDescription, Arrival)
    /// A volume.
    case volume(IncomingVolume)
    /// A stimulus.
    case event(IncomingEvent)
    /// A pulse of the scanner.
    case trigger(IncomingTrigger)
    /// The run is over; the text says why.
    case runEnd(session: String, run: String, reason: String)
    /// Something was refused or lost.
    case fault(SourceFault)
}

/// A way by which volumes come: a protocol, a folder, a file.
public protocol VolumeSource: Sendable {
    /// What logs call it, such as `percept tcp://127.0.0.1:5560`.
    var name: String { get }

    /// Whether it may be kept waiting, because nothing is lost meanwhile: files wait, messages do not.
    var isPatient: Bool { get }

    /// Takes in what comes until the task is cancelled or the source is at its end.
    ///
    /// Faults of peers are delivered, not thrown; a source goes on after them.
    /// - Parameters:
    ///   - position: Where the stream was left before a restart; the source asks for what came after it, if it can.
    ///   - deliver: Is called for each input, from any one thread at a time. It does not block, unless the source is
    ///     patient, which then calls it from a thread of its own.
    /// - Throws: What makes it impossible to start: an address in use, a key or a folder that cannot be read.
    func run(resumingAt position: StreamPosition?, deliver: @escaping @Sendable (ScannerInput) -> Void) async throws
}

extension VolumeSource {
    /// Messages do not wait.
    public var isPatient: Bool { false }
}
