import CKernels

/// A function applied by a layer to its result.
public enum Activation: Sendable {
    /// x.
    case none
    /// x·σ(x).
    case silu
    /// x·Φ(x), with the exact normal distribution function (through erf).
    case gelu
}

private typealias UnaryKernel = @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Int64) -> Void
private typealias BinaryKernel =
    @convention(c) (
        UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int64
    ) -> Void

private func map(_ x: Tensor, _ kernel: (percept_kernels) -> UnaryKernel) -> Tensor {
    let kernels = Kernels()
    let function = kernel(kernels.table)
    let y = Tensor(uninitialized: x.shape)
    kernels.ranges(x.count) { range in
        function(y.pointer + range.lowerBound, x.pointer + range.lowerBound, Int64(range.count))
    }
    return y
}

private func map(_ a: Tensor, _ b: Tensor, into y: Tensor, _ kernel: (percept_kernels) -> BinaryKernel) {
    precondition(a.count == b.count && y.count == a.count, "Shapes \(a.shape), \(b.shape) and \(y.shape) differ.")
    let kernels = Kernels()
    let function = kernel(kernels.table)
    kernels.ranges(a.count) { range in
        let start = range.lowerBound
        function(y.pointer + start, a.pointer + start, b.pointer + start, Int64(range.count))
    }
}

private func map(_ a: Tensor, _ b: Tensor, _ kernel: (percept_kernels) -> BinaryKernel) -> Tensor {
    let y = Tensor(uninitialized: a.shape)
    map(a, b, into: y, kernel)
    return y
}

/// x·σ(x).
public func silu(_ x: Tensor) -> Tensor { map(x) { $0.silu } }

/// The gradient of `silu` at `x`, from the gradient `dy` of its result.
public func siluGradient(_ dy: Tensor, _ x: Tensor) -> Tensor { map(dy, x) { $0.silu_gradient } }

/// x·Φ(x), exact (through erf).
public func gelu(_ x: Tensor) -> Tensor { map(x) { $0.gelu } }

/// The gradient of `gelu` at `x`, from the gradient `dy` of its result.
public func geluGradient(_ dy: Tensor, _ x: Tensor) -> Tensor { map(dy, x) { $0.gelu_gradient } }

/// eˣ within 1e-7 relative, for x in [-87.3, 88.3]; other arguments are clamped.
func exponential(_ x: Tensor) -> Tensor { map(x) { $0.exponential } }

/// The error function within 2e-7 relative.
func errorFunction(_ x: Tensor) -> Tensor { map(x) { $0.error_function } }

/// a·gelu(g) for rows [a, g]: `[..., 2n]` to `[..., n]`.
public func geglu(_ x: Tensor) -> Tensor {
    precondition(x.columns % 2 == 0, "geglu needs an even last axis, not shape \(x.shape).")
    let kernels = Kernels()
    let n = x.columns / 2
    let y = Tensor(uninitialized: x.shape.dropLast() + [n])
    kernels.ranges(x.rowCount, unit: 2 * n) { rows in
        let start = rows.lowerBound
        kernels.table.geglu(y.pointer + start * n, x.pointer + start * 2 * n, Int64(rows.count), Int64(n))
    }
    return y
}

/// The gradient of `geglu` at `x`, from the gradient `dy` of its result.
public func gegluGradient(_ dy: Tensor, _ x: Tensor) -> Tensor {
    precondition(dy.count * 2 == x.count, "A gradient of shape \(dy.shape) does not fit \(x.shape).")
    let kernels = Kernels()
    let n = x.columns / 2
    let dx = Tensor(uninitialized: x.shape)
    kernels.ranges(x.rowCount, unit: 2 * n) { rows in
        let (narrow, wide) = (rows.lowerBound * n, rows.lowerBound * 2 * n)
        kernels.table.geglu_gradient(
            dx.pointer + wide,
            dy.pointer + narrow,
            x.pointer + wide,
            Int64(rows.count),
            Int64(n)
        )
    }
    return dx
}

/// a + b.
public func add(_ a: Tensor, _ b: Tensor) -> Tensor { map(a, b) { $0.add } }

/// Writes a + b to `result`, which may be `a` or `b`.
public func add(_ a: Tensor, _ b: Tensor, into result: Tensor) { map(a, b, into: result) { $0.add } }

/// Adds `a` to `sum` in place.
public func add(_ a: Tensor, to sum: Tensor) { map(sum, a, into: sum) { $0.add } }

/// a − b.
public func subtract(_ a: Tensor, _ b: Tensor) -> Tensor { map(a, b) { $0.subtract } }

/// a·b, element by element.
public func multiply(_ a: Tensor, _ b: Tensor) -> Tensor { map(a, b) { $0.multiply } }

/// factor·a.
public func scale(_ a: Tensor, by factor: Float) -> Tensor {
    let kernels = Kernels()
    let y = Tensor(uninitialized: a.shape)
    kernels.ranges(a.count) { range in
        let start = range.lowerBound
        kernels.table.scale(y.pointer + start, a.pointer + start, factor, Int64(range.count))
    }
    return y
}

/// Adds factor·x to `y` in place.
public func axpy(_ factor: Float, _ x: Tensor, to y: Tensor) {
    precondition(x.count == y.count, "Shapes \(x.shape) and \(y.shape) differ.")
    let kernels = Kernels()
    kernels.ranges(x.count) { range in
        let start = range.lowerBound
        kernels.table.axpy(y.pointer + start, x.pointer + start, factor, Int64(range.count))
    }
}
