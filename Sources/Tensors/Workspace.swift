import Foundation
import Synchronization

/// A cache of buffers that makes repeated steps run without asking the system for memory.
///
/// A tensor's buffer comes back here when its last reference goes away. A network step asks for the same sizes in the
/// same order each time, so after the first step every request is served from buffers that an earlier one returned.
public final class Workspace: Sendable {
    /// How much memory a workspace holds.
    public struct Statistics: Sendable, Equatable {
        /// Bytes obtained from the system and not given back.
        public var reservedBytes = 0
        /// Bytes in use by live tensors.
        public var usedBytes = 0
        /// The largest `usedBytes` so far.
        public var peakUsedBytes = 0
        /// How often memory was asked of the system.
        public var systemAllocations = 0
    }

    /// Memory that nobody uses: whoever takes it out of the cache owns it alone.
    private struct Buffer: @unchecked Sendable {
        let pointer: UnsafeMutableRawPointer
    }

    private struct State: ~Copyable {
        var free: [Int: [Buffer]] = [:]
        var statistics = Statistics()

        deinit {
            for buffers in free.values { for buffer in buffers { Foundation.free(buffer.pointer) } }
        }
    }

    private let state = Mutex(State())
    static let alignment = 64
    private static let hugePage = 2 << 20

    /// Makes an empty workspace.
    public init() {}

    /// The memory held at this moment.
    public var statistics: Statistics { state.withLock { $0.statistics } }

    /// Gives all unused buffers back to the system, if they hold more than `limit` bytes.
    public func trim(above limit: Int = 0) {
        state.withLock { state in
            guard state.statistics.reservedBytes - state.statistics.usedBytes > limit else { return }
            for (size, buffers) in state.free {
                for buffer in buffers { free(buffer.pointer) }
                state.statistics.reservedBytes -= size * buffers.count
            }
            state.free.removeAll()
        }
    }

    /// A buffer of at least `byteCount` bytes, aligned to 64 bytes, its content undefined.
    func allocate(byteCount: Int) -> (pointer: UnsafeMutableRawPointer, capacity: Int) {
        let capacity = Self.capacity(for: byteCount)
        let buffer = state.withLock { state in
            state.statistics.usedBytes += capacity
            state.statistics.peakUsedBytes = max(state.statistics.peakUsedBytes, state.statistics.usedBytes)
            if let buffer = state.free[capacity]?.popLast() { return buffer }
            state.statistics.reservedBytes += capacity
            state.statistics.systemAllocations += 1
            return Buffer(pointer: Self.systemAllocate(capacity, wanted: byteCount))
        }
        return (buffer.pointer, capacity)
    }

    func release(_ pointer: UnsafeMutableRawPointer, capacity: Int) {
        let buffer = Buffer(pointer: pointer)
        state.withLock { state in
            state.statistics.usedBytes -= capacity
            state.free[capacity, default: []].append(buffer)
        }
    }

    /// Rounds up to a power of two or one and a half times one: few sizes, so that buffers are shared by most of the
    /// tensors of a network.
    ///
    /// The pages behind the part that is used are never touched and take no memory.
    static func capacity(for byteCount: Int) -> Int {
        let wanted = max(byteCount, alignment)
        let highestBit = Int.bitWidth - 1 - wanted.leadingZeroBitCount
        let granule = max(alignment, (1 << highestBit) / 2)
        return (wanted + granule - 1) / granule * granule
    }

    private static func systemAllocate(_ capacity: Int, wanted: Int) -> UnsafeMutableRawPointer {
        var pointer: UnsafeMutableRawPointer?
        let isLarge = capacity >= hugePage
        guard posix_memalign(&pointer, isLarge ? hugePage : alignment, capacity) == 0, let pointer else {
            fatalError("out of memory: \(capacity) bytes")
        }
        // Page faults dominate first use of large buffers; huge pages make them 500 times rarer.
        // Only whole ones: the last would often be mostly empty, and still take memory.
        if isLarge { madvise(pointer, wanted / hugePage * hugePage, MADV_HUGEPAGE) }
        return pointer
    }
}
