import COpenBLAS
import Foundation

/// What a computation runs on: a thread budget, the instruction set of the kernels and a workspace.
///
/// Operations use `Engine.current`. Each lane of a process makes an engine of its own, so that their thread budgets are
/// explicit and add up:
/// ```swift
/// let decoding = Engine(threads: 2)
/// Engine.$current.withValue(decoding) { sampler.sample(...) }
/// ```
public final class Engine: Sendable {
    /// The threads of this engine.
    public let pool: ThreadPool
    /// The instructions that its kernels use.
    public let instructionSet: InstructionSet
    /// Where its tensors live.
    public let workspace: Workspace

    /// The engine that operations use in the current task.
    @TaskLocal public static var current = Engine()

    /// Makes an engine.
    /// - Parameters:
    ///   - threads: the number of threads; by default one per processor.
    ///   - instructionSet: the instructions to use; by default the widest there are. One that this processor lacks is
    ///     replaced by the widest that it has.
    ///   - workspace: where its tensors live.
    public init(
        threads: Int = ProcessInfo.processInfo.activeProcessorCount,
        instructionSet: InstructionSet = .best,
        workspace: Workspace = Workspace()
    ) {
        // Parallelism is ours alone: OpenBLAS threads would compete with the pool.
        openblas_set_num_threads(1)
        pool = ThreadPool(threads: threads)
        self.instructionSet = instructionSet.isAvailable ? instructionSet : .best
        self.workspace = workspace
    }

    /// The number of threads, the caller included.
    public var threads: Int { pool.threads }
}
