import CKernels

/// The kernels and the threads of the current engine, captured once per operation.
///
/// Jobs have sizes that depend on the shapes alone, so that a result is the same on any number of threads.
struct Kernels {
    let table: percept_kernels
    let pool: ThreadPool

    init() {
        let engine = Engine.current
        table = percept_kernels_for(engine.instructionSet.code).pointee
        pool = engine.pool
    }

    /// The elements of one job of a memory-bound loop.
    static let grain = 1 << 15

    /// Splits `0..<count` into ranges of about `grain` elements, each of `unit` elements.
    func ranges(_ count: Int, unit: Int = 1, _ body: (Range<Int>) -> Void) {
        let step = max(1, Self.grain / max(unit, 1))
        pool.run(count: (count + step - 1) / step) { job in
            body(job * step..<min(count, (job + 1) * step))
        }
    }
}

extension percept_activation {
    init(_ activation: Activation) {
        switch activation {
        case .none: self = percept_identity
        case .silu: self = percept_silu
        case .gelu: self = percept_gelu
        }
    }
}

extension Tensor {
    /// The extent of the last axis.
    var columns: Int { shape.last ?? 1 }

    /// The product of all axes but the last.
    var rowCount: Int { shape.dropLast().reduce(1, *) }
}
