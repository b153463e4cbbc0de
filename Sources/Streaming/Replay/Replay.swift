import Foundation
import Neuroimaging
import Threading

/// Sends a run again, at the pace of its acquisition or another.
public actor Replay {
    /// How a run is sent.
    public struct Options: Sendable {
        /// The session that it is sent as.
        public var session = "replay"
        /// The name that it is sent under; nil for its own.
        public var run: String?
        /// How many times faster than the scanner; infinity for as fast as possible.
        public var speed = 1.0
        /// The time from volume to volume in s; nil for the run's.
        public var repetitionTime: Double?
        /// The numbers of the volumes that are sent; nil for all.
        public var volumes: ClosedRange<Int>?
        /// How often they are sent, one pass after another in one run.
        public var passes = 1
        /// The events; nil for those of the run.
        public var events: [StimulusEvent]?
        /// Whether all events are sent before the first volume.
        public var eventsFirst = false
        /// What goes wrong.
        public var faults: [ReplayFault] = []
        /// What decides to which volumes it happens.
        public var seed: UInt64 = 0

        /// The defaults.
        public init() {}
    }

    /// What happens meanwhile.
    public enum Notice: Sendable {
        /// So many volumes of so many have been dealt with.
        case progress(Int, of: Int)
        /// A fault was injected.
        case injected(ReplayPlan.Injection)
        /// Something that was asked for cannot be done.
        case warning(String)
    }

    private let options: Options
    private let sender: any ReplaySender
    private let source: @Sendable () throws -> any ReplayableRun
    private let thread = ThreadExecutor(name: "replay")

    /// The thread that reads volumes.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Describes a replay.
    ///
    /// - Parameters:
    ///   - options: How the run is sent.
    ///   - sender: The way.
    ///   - source: Opens the run, on the thread that reads it.
    public init(
        _ options: Options,
        over sender: any ReplaySender,
        of source: @escaping @Sendable () throws -> any ReplayableRun
    ) {
        (self.options, self.sender, self.source) = (options, sender, source)
    }

    /// Sends the run.
    ///
    /// Each step has its moment on a clock that never steps, counted from the start: what takes long does not shift
    /// what follows.
    /// - Throws: `NeuroimagingError` where the run cannot be read or has no volume, and what the way of sending throws.
    public func run(notice: @Sendable (Notice) -> Void = { _ in }) async throws -> ReplaySummary {
        let whole = try source()
        let run = ReplayedPart(
            of: whole,
            range: options.volumes,
            passes: options.passes,
            repetitionTime: options.repetitionTime,
            events: options.events
        )
        let impossible = Set(options.faults.map(\.kind)).subtracting(sender.possibleFaults)
        guard impossible.isEmpty else {
            let names = impossible.map(\.rawValue).sorted().joined(separator: ", ")
            throw StreamingError(.unreadable, names, "cannot happen in this protocol; leave the fault out")
        }
        guard !run.numbers.isEmpty else {
            throw NeuroimagingError(.missing, whole.path, "has none of the volumes that were asked for")
        }
        guard let repetitionTime = run.repetitionTime else {
            throw NeuroimagingError(.missing, whole.path, "does not say the time between volumes; give --tr")
        }
        let events = sender.sendsEvents ? run.events : []
        if events.count < run.events.count {
            notice(.warning("\(run.events.count) events are left out: the protocol has none"))
        }
        let plan = ReplayPlan(
            numbers: run.numbers,
            onsets: events.map(\.onset),
            repetitionTime: repetitionTime,
            speed: options.speed,
            eventsFirst: options.eventsFirst,
            faults: options.faults,
            seed: options.seed
        )
        let description = describe(run, repetitionTime)
        try await sender.begin(description, like: try run.volume(0))
        var summary = ReplaySummary(source: run.path, session: options.session, run: description.run, plan: plan)
        do {
            try await carryOut(plan, run, events, repetitionTime, &summary, notice)
        } catch {
            try? await sender.end(reason: "the replay was stopped")
            throw error
        }
        try await sender.end(reason: "the replay is complete")
        return summary
    }

    private func describe(_ run: ReplayedPart, _ repetitionTime: Double) -> RunDescription {
        var description = RunDescription(session: options.session, run: options.run ?? run.name)
        description.subject = run.subject
        description.task = run.task
        description.repetitionTime = repetitionTime
        description.plannedVolumes = (run.numbers.last ?? 0) + 1
        if options.speed == 1 { description.startedAt = Date().timeIntervalSince1970 }
        return description
    }

    private func carryOut(
        _ plan: ReplayPlan,
        _ run: ReplayedPart,
        _ events: [StimulusEvent],
        _ repetitionTime: Double,
        _ summary: inout ReplaySummary,
        _ notice: @Sendable (Notice) -> Void
    ) async throws {
        let (start, startedAt) = (ContinuousClock.now, Date().timeIntervalSince1970)
        var (held, done): ([Int: ReplayedVolume], Int) = ([:], 0)
        var injections = plan.injections[...]
        for step in plan.steps {
            // What has to be read is read before it is due.
            var volume: ReplayedVolume?
            if case .volume(let place, _) = step.action {
                let acquiredAt = startedAt + Double(run.numbers[place]) * repetitionTime
                volume =
                    try held.removeValue(forKey: place)
                    ?? ReplayedVolume(
                        number: run.numbers[place],
                        volume: run.volume(place),
                        repetitionTime: repetitionTime,
                        acquiredAt: options.speed == 1 ? acquiredAt : nil,
                        files: run.files(place)
                    )
            }
            let due = start + .seconds(step.due)
            if ContinuousClock.now < due { try await Task.sleep(until: due, tolerance: .zero, clock: .continuous) }
            try Task.checkCancellation()
            if options.speed.isFinite {
                summary.latest = max(summary.latest, (ContinuousClock.now - due) / .seconds(1))
            }
            switch step.action {
            case .volume(let place, let delivery):
                guard let volume else { continue }
                if plan.returning.contains(place), !delivery.isRepeated { held[place] = volume }
                try await sender.send(volume, delivery)
                if delivery.isTransmitted { summary.sent += 1 }
                while let injection = injections.first, injection.volume <= volume.number {
                    if injection.fault != .delay { notice(.injected(injection)) }
                    injections = injections.dropFirst()
                }
                guard !delivery.isRepeated else { continue }
                done += 1
                notice(.progress(done, of: run.numbers.count))
            case .event(let place):
                try await sender.send(events[place])
                summary.events += 1
            case .disconnect(let seconds):
                try await sender.disconnect(seconds: seconds)
            }
        }
        summary.seconds = (ContinuousClock.now - start) / .seconds(1)
    }
}
