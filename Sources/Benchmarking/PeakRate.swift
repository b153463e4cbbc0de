import CKernels
import Synchronization
import Tensors

/// The rate of fused multiply-adds that an engine's threads reach together: what other rates are a share of.
public enum PeakRate {
    /// Floating-point operations per second of all threads of the current engine at once.
    ///
    /// - Parameter seconds: how long to measure.
    public static func measure(seconds: Double = 0.3) -> Double {
        let engine = Engine.current
        let code: Int32 =
            switch engine.instructionSet {
            case .portable: 0
            case .avx2: 1
            case .avx512: 2
            }
        let total = Mutex(0.0)
        engine.pool.run(count: engine.threads) { _ in
            let rate = percept_measure_peak(code, seconds)
            total.withLock { $0 += rate }
        }
        return total.withLock { $0 }
    }
}
