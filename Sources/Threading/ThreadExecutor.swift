import CLinux
import Foundation
import Synchronization

/// A thread of its own that runs the jobs of an actor, one after another.
///
/// Blocking calls (files, databases, computations) stay off the cooperative pool, whose few threads must always answer.
/// ```swift
/// actor Recorder {
///     private let thread = ThreadExecutor(name: "recorder")
///     nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
/// }
/// ```
public final class ThreadExecutor: SerialExecutor {
    private struct State {
        var jobs: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
        var isStopped = false
    }

    private final class Queue: Sendable {
        let state = Mutex(State())
        let wake = DispatchSemaphore(value: 0)
    }

    /// The thread's name.
    public let name: String
    private let queue = Queue()

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: What system tools call it; at most 15 characters are shown.
    ///   - niceness: How willingly it yields the processor to other threads, from 0 to 19.
    public init(name: String, niceness: Int = 0) {
        self.name = name
        let queue = queue
        let thread = Thread { Self.run(queue, name: name, niceness: niceness) }
        thread.stackSize = 8 << 20
        thread.start()
    }

    deinit {
        queue.state.withLock { $0.isStopped = true }
        queue.wake.signal()
    }

    /// Runs a job after those that wait already.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = (UnownedJob(job), asUnownedSerialExecutor())
        queue.state.withLock { $0.jobs.append(job) }
        queue.wake.signal()
    }

    private static func run(_ queue: Queue, name: String, niceness: Int) {
        percept_thread_name(String(name.prefix(15)))
        if niceness != 0 { _ = percept_thread_nice(Int32(niceness)) }
        while true {
            queue.wake.wait()
            let (jobs, isStopped) = queue.state.withLock { state in
                defer { state.jobs.removeAll(keepingCapacity: true) }
                return (state.jobs, state.isStopped)
            }
            for (job, executor) in jobs { job.runSynchronously(on: executor) }
            if isStopped, jobs.isEmpty { return }
        }
    }
}
