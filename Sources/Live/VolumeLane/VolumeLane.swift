import Foundation
import Neuroimaging
import Preprocessing
import Sessions
import Synchronization
import Tensors
import Threading

/// Processes every volume as soon as it comes, on a thread of its own that waits for nothing else.
///
/// Results are published at once. What is to be kept, and the trials to be decoded, are handed over to queues.
public actor VolumeLane {
    private let thread = ThreadExecutor(name: "volumes")
    /// The lane's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    let context: LaneContext
    let kernels: VolumeKernels
    let publisher: ResultPublisher
    nonisolated let inbox: IngestQueue
    private nonisolated let needsTicks = Atomic(false)
    private let progress: (@Sendable (Bool) -> Void)?
    var run: LiveRun?
    /// A run that was announced and whose first volume has not come.
    private var announced: RunDescription?
    /// What came for an announced run before its first volume.
    private var early: [ScannerInput] = []
    /// Volumes that were dropped before their run began.
    var droppedEarly: [RunKey: Set<Int>] = [:]
    private var names = RunNames()
    /// The statistics that a session's last run left.
    var statistics: [String: [VoxelStatistics]] = [:]

    /// How often the lane looks at the time while a volume is missing.
    private static let tickInterval = Duration.milliseconds(20)

    /// Makes a lane.
    ///
    /// - Parameters:
    ///   - context: What it works with.
    ///   - threads: The threads that process a volume.
    ///   - progress: Is told when work on an input begins (true) and ends (false), for the watchdog.
    public init(_ context: LaneContext, threads: Int, progress: (@Sendable (Bool) -> Void)? = nil) {
        self.context = context
        kernels = VolumeKernels(pool: ThreadPool(threads: threads))
        publisher = ResultPublisher(context)
        inbox = IngestQueue(capacity: context.settings.ingest.queue)
        self.progress = progress
    }

    /// Takes in something from the scanner; never waits.
    public nonisolated func deliver(_ input: ScannerInput) { inbox.deliver(input) }

    /// Takes in something from a source that may be kept waiting; waits while there is no room.
    nonisolated func deliverWhenThereIsRoom(_ input: ScannerInput) { inbox.deliverWhenThereIsRoom(input) }

    /// What the lane's queue has seen.
    public nonisolated var counters: QueueCounters { inbox.counters }

    /// Processes what comes until ``finish()``, or until the task is cancelled.
    public func run() async {
        async let ticks: Void = tick()
        while let input = await inbox.next() {
            progress?(true)
            take(input)
            progress?(false)
        }
        needsTicks.store(false, ordering: .relaxed)
        _ = await ticks
    }

    /// Lets ``run()`` end when everything that came is processed.
    public nonisolated func finish() {
        isFinished.store(true, ordering: .relaxed)
        inbox.finish()
    }

    private nonisolated let isFinished = Atomic(false)

    private nonisolated func tick() async {
        while !Task.isCancelled, !isFinished.load(ordering: .relaxed) {
            try? await Task.sleep(for: Self.tickInterval)
            if needsTicks.load(ordering: .relaxed) { inbox.tick() }
        }
    }

    // MARK: - Inputs

    private func take(_ input: LaneInput) {
        for volume in inbox.takeDropped() { drop(volume) }
        switch input {
        case .tick:
            if let outcome = run?.sequencer.expire(now: .now) { carry(out: outcome) }
        case .scanner(.runStart(let description, _)): announce(description)
        case .scanner(.volume(let volume)): accept(volume)
        case .scanner(.event(let event)): accept(event)
        case .scanner(.trigger(let trigger)):
            guard isCurrent(trigger.session, trigger.run) else { return early.append(.trigger(trigger)) }
            run?.clock.observe(trigger)
            presentResolved()
        case .scanner(.runEnd(let session, let run, let reason)):
            if isCurrent(session, run) { end(reason: reason) }
        case .scanner(.fault(let fault)): note(fault)
        }
        needsTicks.store(run?.sequencer.deadline != nil, ordering: .relaxed)
    }

    /// Counts and keeps something that went wrong, of the run that goes on unless another is named.
    func note(_ fault: SourceFault, of key: RunKey? = nil) {
        let key = key ?? run?.key
        context.recorder.offer(.fault(context.monitor.report(fault, run: key), key))
    }

    func isCurrent(_ session: String, _ name: String) -> Bool {
        run.map { $0.description.session == session && $0.description.run == name } ?? false
    }

    private func announce(_ description: RunDescription) {
        guard !isCurrent(description.session, description.run) else { return }
        if run != nil { end(reason: "another run began") }
        announced = description
        early = []
    }

    private func accept(_ event: IncomingEvent) {
        guard isCurrent(event.session, event.run) else {
            guard early.count < 10_000 else {
                return note(SourceFault(.tooLarge, "events", "more than 10,000 came before the run; dropped"))
            }
            return early.append(.event(event))
        }
        if run?.wait(event) == false {
            note(SourceFault(.tooLarge, "events", "more than 10,000 wait for the start of the run; dropped"))
        }
        presentResolved()
    }

    private func accept(_ volume: IncomingVolume) {
        if !isCurrent(volume.session, volume.run) {
            let isExpected = announced.map { $0.session == volume.session && $0.run == volume.run } ?? false
            guard isExpected || !names.hasEnded(volume.session, volume.run) else {
                context.monitor.count { ($0.received, $0.late) = ($0.received + 1, $0.late + 1) }
                return note(SourceFault(.foreign, "volume \(volume.index)", "is of run \(volume.run), which has ended"))
            }
            guard begin(with: volume, isExpected: isExpected) else {
                return context.monitor.count { $0.received += 1 }
            }
        }
        context.monitor.count { $0.received += 1 }
        var volume = volume
        if let time = run?.time(of: volume.arrival) { volume.arrival.time = time }
        run?.clock.observe(volume)
        presentResolved()
        let now = ContinuousClock.now
        if let outcome = run?.sequencer.accept(volume, now: now) { carry(out: outcome) }
        if let outcome = run?.sequencer.expire(now: now) { carry(out: outcome) }
    }

    /// Begins the run of a volume; false if it cannot be processed.
    private func begin(with volume: IncomingVolume, isExpected: Bool) -> Bool {
        if let mismatch = context.model.mismatch(volume.volume.grid) {
            refuse(volume, "of run \(volume.run) \(mismatch)")
            return false
        }
        if run != nil { end(reason: "another run began") }
        var description = RunDescription(session: volume.session, run: volume.run)
        if isExpected, let announced { description = announced }
        announced = nil
        description.repetitionTime = description.repetitionTime ?? volume.repetitionTime
        let key = names.begin(description)
        do {
            try begin(key, description, grid: volume.volume.grid)
        } catch {
            refuse(volume, "cannot begin the run: \(error)")
            return false
        }
        let dropped = droppedEarly[RunKey(session: volume.session, run: volume.run)] ?? []
        publisher.keep(dropped.sorted(), as: .dropped, at: now, run: key)
        giveUp(dropped)
        droppedEarly = [:]
        let waiting = early
        early = []
        for input in waiting { take(.scanner(input)) }
        return true
    }

    // MARK: - Runs

    /// Begins a run, new or continued.
    func begin(_ key: RunKey, _ description: RunDescription, grid: VoxelGrid?) throws {
        run = try makeRun(key, description)
        guard let run else { return }
        context.monitor.begin(key)
        context.recorder.offer(.runStart(key, try publisher.record(of: run, grid: grid)))
        context.log.notice(
            "run begins",
            metadata: ["run": "\(key)", "repetitionTime": "\(run.configuration.repetitionTime)"]
        )
        presentFile(description)
    }

    /// A run as it is before its first volume.
    func makeRun(_ key: RunKey, _ description: RunDescription) throws -> LiveRun {
        let settings = context.settings
        let configuration = context.model.configuration(
            repetitionTime: description.repetitionTime ?? settings.session.repetitionTime,
            plannedVolumes: description.plannedVolumes ?? settings.session.plannedVolumes
        )
        return try LiveRun(
            key: key,
            description: description,
            model: context.model,
            configuration: configuration,
            statistics: statistics[key.session] ?? context.model.statistics,
            sequencer: VolumeSequencer(patience: .seconds(settings.ingest.gapDeadline)),
            clock: AcquisitionClock(
                repetitionTime: configuration.repetitionTime,
                offset: settings.events.clockOffset
            ),
            kernels: kernels
        )
    }

    /// Ends the run that goes on, if one does.
    func end(reason: String) {
        guard let outcome = run?.sequencer.finish() else { return }
        carry(out: outcome)
        do {
            if let last = try run?.finish() { publishTrials(last, arrival: nil, stages: [:]) }
        } catch {
            note(SourceFault(.corrupt, "end of the run", "the last trials cannot be estimated: \(error)"))
        }
        guard let run else { return }
        if let now = run.statistics { statistics[run.key.session] = now }
        names.end(run.key)
        close(run, as: .ended, reason: reason, run.statistics)
    }

    /// Leaves the run that goes on, if one does, so that the daemon can go on with it after its next start.
    ///
    /// Trials whose last readout has not come are not estimated: their volumes may yet come.
    func leave(_ reason: StopReason) {
        guard let outcome = run?.sequencer.finish() else { return }
        carry(out: outcome)
        keepState()
        guard let run else { return }
        close(run, as: .interrupted, reason: reason.rawValue, nil)
    }

    private func close(_ run: LiveRun, as state: RunRecord.State, reason: String, _ statistics: [VoxelStatistics]?) {
        context.recorder.offer(.runEnd(run.key, state, reason: reason, at: Date().timeIntervalSince1970, statistics))
        context.log.notice("run ends", metadata: ["run": "\(run.key)", "reason": "\(reason)"])
        context.monitor.logLatencies()
        publisher.publishEnd(run, reason: reason)
        self.run = nil
        context.monitor.end()
    }

    /// Continues to know the runs of earlier starts.
    func adopt(ended: [RunKey]) {
        for key in ended { names.end(key) }
    }

    /// Takes over the statistics that a session's last run left.
    func adopt(_ latest: [VoxelStatistics], of session: String) { statistics[session] = latest }

    /// Forgets the run that goes on, without an end.
    func abandon() {
        run = nil
        context.monitor.end()
    }

    /// Goes on with a run that an earlier start left.
    func adopt(_ restored: LiveRun) {
        run = restored
        names.adopt(restored.key)
        context.monitor.begin(restored.key)
    }
}
