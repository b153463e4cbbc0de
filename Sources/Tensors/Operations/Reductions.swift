import CKernels

/// The sums of the columns of `x`, seen as rows of its last axis: `[..., n]` to `[n]`.
///
/// The order of summation depends on the shape alone.
public func columnSums(_ x: Tensor) -> Tensor {
    let kernels = Kernels()
    let (rows, columns) = (x.rowCount, x.columns)
    let step = max(16, Kernels.grain / max(columns, 1))
    let jobs = max(1, (rows + step - 1) / step)
    let partial = Tensor(uninitialized: [jobs, columns])
    kernels.pool.run(count: jobs) { job in
        let start = job * step
        let count = min(rows, start + step) - start
        kernels.table.column_sums(
            partial.pointer + job * columns,
            x.pointer + start * columns,
            Int64(count),
            Int64(columns)
        )
    }
    if jobs == 1 { return partial.reshaped([columns]) }
    let result = Tensor(uninitialized: [columns])
    kernels.table.column_sums(result.pointer, partial.pointer, Int64(jobs), Int64(columns))
    return withExtendedLifetime(partial) { result }
}

/// The sum of all elements.
public func sum(_ x: Tensor) -> Double { reduce(x) { $0.sum } }

/// The sum of the squares of all elements.
public func sumOfSquares(_ x: Tensor) -> Double { reduce(x) { $0.sum_of_squares } }

private func reduce(
    _ x: Tensor,
    _ kernel: (percept_kernels) -> @convention(c) (UnsafePointer<Float>?, Int64) -> Double
) -> Double {
    let kernels = Kernels()
    let function = kernel(kernels.table)
    let jobs = (x.count + Kernels.grain - 1) / Kernels.grain
    var partial = [Double](repeating: 0, count: jobs)
    partial.withUnsafeMutableBufferPointer { partial in
        kernels.pool.run(count: jobs) { job in
            let start = job * Kernels.grain
            partial[job] = function(x.pointer + start, Int64(min(Kernels.grain, x.count - start)))
        }
    }
    return partial.reduce(0, +)
}

/// The softmax of each row of the last axis.
public func softmax(_ x: Tensor) -> Tensor {
    let kernels = Kernels()
    let columns = x.columns
    let y = Tensor(uninitialized: x.shape)
    kernels.ranges(x.rowCount, unit: columns) { rows in
        let start = rows.lowerBound * columns
        kernels.table.softmax(y.pointer + start, x.pointer + start, Int64(rows.count), Int64(columns), 1, nil)
    }
    return y
}

/// The gradient of `softmax`, from the gradient `dy` of its result `y`.
public func softmaxGradient(_ dy: Tensor, _ y: Tensor) -> Tensor {
    precondition(dy.count == y.count, "Shapes \(dy.shape) and \(y.shape) differ.")
    let kernels = Kernels()
    let columns = y.columns
    let dx = Tensor(uninitialized: y.shape)
    kernels.ranges(y.rowCount, unit: columns) { rows in
        let start = rows.lowerBound * columns
        kernels.table.softmax_gradient(
            dx.pointer + start,
            dy.pointer + start,
            y.pointer + start,
            Int64(rows.count),
            Int64(columns),
            1
        )
    }
    return dx
}

/// One step of AdamW (Loshchilov and Hutter, ICLR 2019) in place, with PyTorch's conventions.
/// - Parameters:
///   - biasCorrections: 1 − β₁ᵗ and 1 − β₂ᵗ.
///   - gradientScale: a factor on the gradient, for clipping.
public func adamWStep(
    parameter: Tensor,
    gradient: Tensor,
    first: Tensor,
    second: Tensor,
    learningRate: Float,
    betas: (Float, Float),
    epsilon: Float,
    weightDecay: Float,
    biasCorrections: (Float, Float),
    gradientScale: Float
) {
    let count = parameter.count
    precondition(
        gradient.count == count && first.count == count && second.count == count,
        "A parameter of shape \(parameter.shape) has a gradient of shape \(gradient.shape) or unfit moments."
    )
    let kernels = Kernels()
    let constants = [
        learningRate, betas.0, betas.1, epsilon, weightDecay, biasCorrections.0, biasCorrections.1.squareRoot(),
        gradientScale,
    ]
    kernels.ranges(count) { range in
        let start = range.lowerBound
        kernels.table.adamw(
            parameter.pointer + start,
            first.pointer + start,
            second.pointer + start,
            gradient.pointer + start,
            Int64(range.count),
            constants
        )
    }
}
