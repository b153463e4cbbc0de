import Preprocessing
import Synchronization
import Threading

/// A trial that waits to be decoded.
public struct WaitingTrial: Sendable {
    /// The session.
    public var session: String
    /// The run.
    public var run: String
    /// The trial's number in the run.
    public var trial: Int
    /// When it became ready.
    public var readyAt: ContinuousClock.Instant
    /// When its image should be there.
    public var deadline: ContinuousClock.Instant
    /// The number of the readout, from 0.
    public var readout: Int
    /// What is decoded and what is known of it.
    public var pattern: TrialPattern

    /// Whether it is a readout of the same trial.
    func isSameTrial(as other: WaitingTrial) -> Bool {
        (session, run, trial) == (other.session, other.run, other.trial)
    }
}

/// The trials that wait to be decoded, freshest first.
///
/// A later readout of a trial takes the place of an earlier one. When too many wait, the oldest is dropped and counted, so
/// that decoding keeps up with the scan. Trials that were left before a restart have their turn when no other waits. To put
/// one in never waits.
public final class TrialQueue: Sendable {
    private struct State {
        var trials: [WaitingTrial] = []
        var left: [WaitingTrial] = []
        var counters = QueueCounters()
        var isFinished = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    /// The most trials that wait.
    public let capacity: Int
    private let state = Mutex(State())

    /// Makes an empty queue.
    public init(capacity: Int) { self.capacity = max(1, capacity) }

    /// What it has seen so far; readouts that were replaced by later ones count as neither waiting nor dropped.
    public var counters: QueueCounters { state.withLock { $0.counters } }

    /// The number of trials that wait.
    public var count: Int { state.withLock { $0.trials.count } }

    /// Puts a trial in; returns the one that was dropped for it.
    @discardableResult
    public func offer(_ trial: WaitingTrial) -> WaitingTrial? {
        let (dropped, waiting) = state.withLock { state in
            state.counters.offered += 1
            state.trials.removeAll { $0.isSameTrial(as: trial) }
            state.left.removeAll { $0.isSameTrial(as: trial) }
            state.trials.append(trial)
            let dropped = state.trials.count > capacity ? state.trials.removeFirst() : nil
            if dropped != nil { state.counters.dropped += 1 }
            state.counters.waiting = state.trials.count
            state.counters.highWater = max(state.counters.highWater, state.trials.count)
            defer { state.waiting = nil }
            return (dropped, state.waiting)
        }
        waiting?.resume()
        return dropped
    }

    /// Puts in a trial that was left before a restart; the last one put in is the first to be taken.
    public func offerLeft(_ trial: WaitingTrial) {
        wake { state in
            guard !state.isFinished else { return }
            state.left.removeAll { $0.isSameTrial(as: trial) }
            state.left.append(trial)
        }
    }

    /// The freshest trial, as soon as there is one; nil after ``finish()`` or if the task was cancelled.
    public func next() async -> WaitingTrial? {
        while true {
            if Task.isCancelled { return nil }
            let (trial, isFinished) = state.withLock { state in
                let trial = state.trials.popLast() ?? state.left.popLast()
                state.counters.waiting = state.trials.count
                return (trial, state.isFinished)
            }
            if trial != nil || isFinished { return trial }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isReady = state.withLock { state in
                        let isEmpty = state.trials.isEmpty && state.left.isEmpty
                        if !isEmpty || state.isFinished || Task.isCancelled { return true }
                        precondition(state.waiting == nil, "a trial queue has one reader")
                        state.waiting = continuation
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            } onCancel: {
                wake { _ in }
            }
        }
    }

    /// Lets the reader come to an end once nothing waits; what was left before is left again.
    public func finish() {
        wake { state in
            state.isFinished = true
            state.left = []
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }
}
