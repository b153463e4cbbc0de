import Synchronization

/// Scratch memory for the jobs of one loop: as many pieces as jobs run at one time.
final class ScratchPool: Sendable {
    private let pieces: [Tensor]
    private let free: Mutex<[Int]>

    init(count: Int, slots: Int) {
        pieces = (0..<slots).map { _ in Tensor(uninitialized: [count]) }
        free = Mutex(Array(0..<slots))
    }

    /// Lends a piece, its content undefined, to a job.
    func withScratch(_ body: (UnsafeMutablePointer<Float>) -> Void) {
        guard let slot = free.withLock({ $0.popLast() }) else {
            preconditionFailure("More jobs than threads run at one time.")
        }
        body(pieces[slot].pointer)
        free.withLock { $0.append(slot) }
    }
}
