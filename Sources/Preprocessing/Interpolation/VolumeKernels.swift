import CKernels
import Tensors

/// The threads and vector instructions that work on volumes.
///
/// Work is divided in a way that does not depend on the number of threads, so results do not either.
public struct VolumeKernels: @unchecked Sendable {
    /// The threads.
    public let pool: ThreadPool
    let table: UnsafePointer<percept_volume_kernels>
    let general: UnsafePointer<percept_kernels>

    /// Uses a pool's threads and the widest vectors that this processor has, or narrower ones.
    public init(pool: ThreadPool, instructionSet: InstructionSet = .best) {
        self.pool = pool
        table = percept_volume_kernels_for(instructionSet.code)
        general = percept_kernels_for(instructionSet.code)
    }
}
