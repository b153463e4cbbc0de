import WireFormat

/// How the connection to the daemon has fared, as the viewer counts it.
public struct LinkCounters: Sendable, Equatable {
    /// Messages that came.
    public var received = 0
    /// Messages that must have been sent but did not come.
    public var missed = 0
    /// Messages that came too fast to be shown.
    public var dropped = 0
    /// Messages that could not be read.
    public var refused = 0

    /// Nothing yet.
    public init() {}
}

/// What is known of a session from what its daemon has published so far.
public struct WatchState: Sendable {
    /// What the view was told.
    public let settings: WatchSettings
    /// How the connection has fared.
    public var link = LinkCounters()
    /// What last happened to the connection, or could not be read.
    public private(set) var lastFault: (text: String, isGood: Bool)?
    /// The session of the last message that named one.
    public private(set) var session: String?
    /// The run of the last message that named one.
    public private(set) var run: String?
    /// How the run was announced.
    public private(set) var announced: RunBody?
    /// Why the run is over; nil while it goes on.
    public private(set) var ending: String?
    /// The last status.
    public private(set) var status: StatusBody?
    /// When it arrived, in s on the viewer's clock.
    public private(set) var statusAt: Double?
    /// What is safe on disk.
    public private(set) var recorded: RecordedBody?
    /// The volumes of the run.
    public private(set) var volumes = VolumeHistory()
    /// The trials of the run, the latest to be heard of last.
    public private(set) var trials: [WatchedTrial] = []
    /// The latest image.
    public private(set) var image: WatchedImage?
    private var lastMessageAt: Double?
    private let startedAt: Double

    /// The most trials that are kept.
    static let mostTrials = 64
    /// What a daemon without a run calls session and run.
    private static let none = "none"

    /// Nothing is known yet, at a time in s on any clock that never steps; all times are on that clock.
    public init(_ settings: WatchSettings, at time: Double) {
        self.settings = settings
        startedAt = time
    }

    /// The time from volume to volume in s: as announced, as configured or as measured.
    public var repetitionTime: Double? {
        announced?.repetitionTime ?? settings.repetitionTime ?? volumes.measuredInterval
    }

    /// The number of volumes that the run is planned to have.
    public var plannedVolumes: Int? { announced?.plannedVolumes ?? settings.plannedVolumes }

    /// The last volume that is known to be processed.
    public var lastVolume: Int? {
        [status?.index, volumes.quality?.index, volumes.motion?.index].compactMap { $0 }.max()
    }

    /// How long nothing has come, in s; nil while that is no longer than usual.
    public func silence(at time: Double) -> Double? {
        let age = time - (lastMessageAt ?? startedAt)
        return age >= settings.patience ? age : nil
    }

    // MARK: - Folding

    /// Takes in a message that arrived at a time.
    public mutating func take(
        _ stamp: MessageStamp,
        _ content: MessageContent,
        payload: [[UInt8]] = [],
        at time: Double
    ) {
        lastMessageAt = time
        follow(stamp)
        switch content {
        case .run(let body):
            if body.phase == .start {
                forgetRun()
                announced = body
            } else {
                ending = body.reason ?? "over"
            }
        case .status(let body): (status, statusAt) = (body, time)
        case .motion(let body): volumes.take(body)
        case .quality(let body): volumes.take(body, sentAt: stamp.sentAt)
        case .pattern(let body): change(body.trial) { $0.take(body) }
        case .preview(let body): take(body, isPreview: true, payload, time)
        case .reconstruction(let body): take(body, isPreview: false, payload, time)
        case .recorded(let body): recorded = body
        case .volume, .event, .trigger: break
        }
    }

    /// Notes what happened to the connection, or what could not be read.
    public mutating func note(_ text: String, isGood: Bool) { lastFault = (text, isGood) }

    private mutating func follow(_ stamp: MessageStamp) {
        guard stamp.run != Self.none || run == nil else { return }
        if stamp.session != session || stamp.run != run { forgetRun() }
        (session, run) = (stamp.session, stamp.run)
    }

    /// The last image stays: it is what a person may still be looking at.
    private mutating func forgetRun() {
        (announced, ending, recorded) = (nil, nil, nil)
        status?.index = nil
        volumes = VolumeHistory()
        trials = []
    }

    private mutating func take(_ body: ReconstructionBody, isPreview: Bool, _ payload: [[UInt8]], _ time: Double) {
        change(body.trial) { $0.take(body, isPreview: isPreview) }
        image = WatchedImage(body, isPreview: isPreview, payload: payload, at: time)
    }

    private mutating func change(_ number: Int, _ change: (inout WatchedTrial) -> Void) {
        if let place = trials.lastIndex(where: { $0.number == number }) {
            return change(&trials[place])
        }
        var trial = WatchedTrial(number: number)
        change(&trial)
        trials.append(trial)
        if trials.count > Self.mostTrials { trials.removeFirst() }
    }
}
