import CKernels

/// A fixed number of threads that run the iterations of one loop at a time.
///
/// Iterations are independent jobs of fixed size, so a result is the same on any number of threads.
public final class ThreadPool: @unchecked Sendable {
    /// The number of threads that take part in a loop, the caller included.
    public let threads: Int
    private let pool: OpaquePointer?

    /// Starts a pool.
    ///
    /// If the system refuses to start threads, loops run on the caller's thread alone.
    public init(threads: Int) {
        self.threads = max(1, threads)
        pool = percept_pool_create(Int32(self.threads))
    }

    deinit {
        if let pool { percept_pool_destroy(pool) }
    }

    /// Runs `body(i)` for every `i` in `0..<count` and returns when all have finished.
    ///
    /// The bodies run concurrently: they may read anything and must write to disjoint places.
    public func run(count: Int, _ body: (Int) -> Void) {
        guard let pool, threads > 1, count > 1 else {
            for index in 0..<max(0, count) { body(index) }
            return
        }
        withoutActuallyEscaping(body) { body in
            var loop = Loop(body: body)
            withUnsafeMutablePointer(to: &loop) { context in
                percept_pool_run(
                    pool,
                    Int64(count),
                    { context, index in
                        context?.assumingMemoryBound(to: Loop.self).pointee.body(Int(index))
                    },
                    context
                )
            }
        }
    }

    private struct Loop {
        let body: (Int) -> Void
    }
}
