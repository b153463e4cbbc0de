import CKernels

/// Layer normalisation (Ba et al., 2016) over the last axis.
///
/// Mean and inverse deviation have one element per row.
public func layerNorm(
    _ x: Tensor,
    weight: Tensor,
    bias: Tensor,
    epsilon: Float
) -> (output: Tensor, mean: Tensor, inverseDeviation: Tensor) {
    let columns = x.columns
    precondition(weight.count == columns && bias.count == columns, "A weight for each of \(columns) columns.")
    let kernels = Kernels()
    let y = Tensor(uninitialized: x.shape)
    let mean = Tensor(uninitialized: [x.rowCount])
    let inverse = Tensor(uninitialized: [x.rowCount])
    kernels.ranges(x.rowCount, unit: columns) { rows in
        let start = rows.lowerBound
        kernels.table.layer_norm(
            y.pointer + start * columns,
            mean.pointer + start,
            inverse.pointer + start,
            x.pointer + start * columns,
            weight.pointer,
            bias.pointer,
            Int64(rows.count),
            Int64(columns),
            epsilon
        )
    }
    return (y, mean, inverse)
}

/// The gradients of `layerNorm` at its arguments, from the gradient `dy` of its result.
public func layerNormGradient(
    _ dy: Tensor,
    x: Tensor,
    mean: Tensor,
    inverseDeviation: Tensor,
    weight: Tensor
) -> (x: Tensor, weight: Tensor, bias: Tensor) {
    precondition(dy.count == x.count, "A gradient of shape \(dy.shape) does not fit \(x.shape).")
    let kernels = Kernels()
    let (rows, columns) = (x.rowCount, x.columns)
    let dx = Tensor(uninitialized: x.shape)
    let step = max(8, Kernels.grain / max(columns, 1))
    let jobs = max(1, (rows + step - 1) / step)
    let partial = Tensor(uninitialized: [2, jobs, columns])
    kernels.pool.run(count: jobs) { job in
        let start = job * step
        kernels.table.layer_norm_gradient(
            dx.pointer + start * columns,
            partial.pointer + job * columns,
            partial.pointer + (jobs + job) * columns,
            dy.pointer + start * columns,
            x.pointer + start * columns,
            weight.pointer,
            mean.pointer + start,
            inverseDeviation.pointer + start,
            Int64(min(rows, start + step) - start),
            Int64(columns)
        )
    }
    return (dx, columnSums(partial.rows(0..<1)), columnSums(partial.rows(1..<2)))
}
