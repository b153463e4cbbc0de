import Foundation
import Neuroimaging
import Streaming
import Synchronization
import Terminal

/// A subscription to a daemon, and what is known from it so far.
final class WatchSession: Sendable {
    private static let start = ContinuousClock.now
    private let state: Mutex<WatchState>
    private let subscriber: PerceptSubscriber
    private let lastFault: LastFault

    /// The clock of the view, in s.
    static var now: Double { (ContinuousClock.now - start).seconds }

    /// Subscribes; `onFault` is told what happens to the connection.
    init(_ target: WatchTarget, onFault: @escaping @Sendable (SourceFault) -> Void = { _ in }) async throws {
        let lastFault = LastFault()
        self.lastFault = lastFault
        state = Mutex(WatchState(target.settings, at: Self.now))
        subscriber = try await PerceptSubscriber(target.address, security: target.security) { fault in
            lastFault.value.withLock { $0 = fault }
            onFault(fault)
        }
    }

    /// What is known now.
    var snapshot: WatchState {
        let counters = subscriber.counters
        let fault = lastFault.value.withLock { $0 }
        return state.withLock { state in
            state.link.received = counters.received
            state.link.missed = counters.missed
            state.link.dropped = counters.dropped
            state.link.refused = counters.refused
            if let fault {
                state.note("\(fault.subject) \(fault.detail)", isGood: fault.code == .connected)
            }
            return state
        }
    }

    /// Takes in messages until the task is cancelled or `isEnough` of what is known.
    func follow(
        until isEnough: (WatchState) -> Bool = { _ in false },
        also: (ReceivedMessage) -> Void = { _ in }
    ) async {
        for await message in subscriber.messages {
            let isDone = state.withLock { state in
                state.take(message.stamp, message.content, payload: message.payload, at: Self.now)
                return isEnough(state)
            }
            also(message)
            if isDone { return }
        }
    }

    /// Ends the subscription.
    func close() async { await subscriber.close() }
}

/// The last fault of a connection, which is known to its thread before the session is there.
private final class LastFault: Sendable {
    let value = Mutex<SourceFault?>(nil)
}
