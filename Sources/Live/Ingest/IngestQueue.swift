import Foundation
import Neuroimaging
import Synchronization
import Threading

/// What the volume lane takes in.
enum LaneInput: Sendable {
    /// Something from the scanner.
    case scanner(ScannerInput)
    /// Time has passed: what waits for a missing volume may go on.
    case tick
}

/// The way from the source of volumes to the volume lane.
///
/// To deliver never waits. When volumes come faster than they are processed, the oldest that waits is dropped; the lane
/// learns which, so that it neither waits for it nor counts it as lost on the way. Everything else is kept.
final class IngestQueue: Sendable {
    private let queue: BoundedQueue<LaneInput>
    private let isFinished = Atomic(false)
    private let dropped = Mutex<[IncomingVolume]>([])

    /// Makes an empty queue for so many volumes.
    init(capacity: Int) {
        queue = BoundedQueue(name: "ingest", capacity: max(1, capacity), policy: .dropOldest) { input in
            if case .scanner(.volume) = input { 1 } else { 0 }
        }
    }

    /// What it has seen so far.
    var counters: QueueCounters { queue.counters }

    /// Hands an input to the lane.
    func deliver(_ input: ScannerInput) { offer(.scanner(input)) }

    /// Hands an input to the lane, and waits while so many volumes wait that one would be dropped.
    func deliverWhenThereIsRoom(_ input: ScannerInput) {
        while queue.counters.waiting >= queue.capacity, !isFinished.load(ordering: .relaxed) { usleep(1000) }
        deliver(input)
    }

    /// Lets the lane look at the time.
    func tick() { offer(.tick) }

    /// No more comes.
    func finish() {
        isFinished.store(true, ordering: .relaxed)
        queue.finish()
    }

    /// The next input; nil at the end.
    func next() async -> LaneInput? { await queue.next() }

    /// The volumes that were dropped since the last call.
    func takeDropped() -> [IncomingVolume] {
        dropped.withLock { dropped in
            defer { dropped = [] }
            return dropped
        }
    }

    private func offer(_ input: LaneInput) {
        for case .scanner(.volume(let volume)) in queue.offer(input) {
            dropped.withLock { $0.append(volume) }
        }
    }
}
