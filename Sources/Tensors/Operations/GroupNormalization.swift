import CKernels

/// Group normalisation (Wu and He, ECCV 2018) of `[B, …, C]`, followed by an activation.
///
/// Mean and inverse deviation have shape `[B, groups]`.
public func groupNorm(
    _ x: Tensor,
    groups: Int,
    weight: Tensor,
    bias: Tensor,
    epsilon: Float,
    activation: Activation
) -> (output: Tensor, mean: Tensor, inverseDeviation: Tensor) {
    let layout = GroupLayout(x, groups: groups)
    precondition(weight.count == layout.channels && bias.count == layout.channels, "A weight for each channel.")
    let kernels = Kernels()
    let (mean, inverse) = groupMoments(x, layout, epsilon: epsilon, kernels)
    let factors = Tensor(uninitialized: [layout.batch, layout.channels])
    let offsets = Tensor(uninitialized: [layout.batch, layout.channels])
    for index in 0..<factors.count {
        let (item, channel) = index.quotientAndRemainder(dividingBy: layout.channels)
        let group = item * groups + channel / layout.groupSize
        let factor = inverse.pointer[group] * weight.pointer[channel]
        factors.pointer[index] = factor
        offsets.pointer[index] = bias.pointer[channel] - mean.pointer[group] * factor
    }
    let y = Tensor(uninitialized: x.shape)
    layout.run(kernels) { item, _, start, rows in
        kernels.table.affine(
            y.pointer + start,
            x.pointer + start,
            factors.pointer + item * layout.channels,
            offsets.pointer + item * layout.channels,
            rows,
            Int64(layout.channels),
            percept_activation(activation)
        )
    }
    return withExtendedLifetime((factors, offsets)) { (y, mean, inverse) }
}

/// The gradients of `groupNorm` at its arguments, from the gradient `dy` of its result.
public func groupNormGradient(
    _ dy: Tensor,
    x: Tensor,
    mean: Tensor,
    inverseDeviation: Tensor,
    groups: Int,
    weight: Tensor,
    bias: Tensor,
    activation: Activation
) -> (x: Tensor, weight: Tensor, bias: Tensor) {
    let layout = GroupLayout(x, groups: groups)
    let (batch, channels) = (layout.batch, layout.channels)
    precondition(dy.count == x.count, "A gradient of shape \(dy.shape) does not fit \(x.shape).")
    let kernels = Kernels()
    // Standardised values are x·factor + offset.
    let factors = Tensor(uninitialized: [batch, channels])
    let offsets = Tensor(uninitialized: [batch, channels])
    for index in 0..<factors.count {
        let (item, channel) = index.quotientAndRemainder(dividingBy: channels)
        let group = item * groups + channel / layout.groupSize
        factors.pointer[index] = inverseDeviation.pointer[group]
        offsets.pointer[index] = -mean.pointer[group] * inverseDeviation.pointer[group]
    }
    let partial = Tensor(uninitialized: [2, batch * layout.chunks, channels])
    layout.run(kernels) { item, job, start, rows in
        kernels.table.norm_gradient_sums(
            partial.pointer + job * channels,
            partial.pointer + (batch * layout.chunks + job) * channels,
            dy.pointer + start,
            x.pointer + start,
            factors.pointer + item * channels,
            offsets.pointer + item * channels,
            weight.pointer,
            bias.pointer,
            rows,
            Int64(channels),
            percept_activation(activation)
        )
    }
    let sums = channelSums(partial, layout)
    let terms = groupTerms(sums, layout, inverseDeviation: inverseDeviation, weight: weight)
    let dx = Tensor(uninitialized: x.shape)
    layout.run(kernels) { item, _, start, rows in
        kernels.table.norm_gradient(
            dx.pointer + start,
            dy.pointer + start,
            x.pointer + start,
            factors.pointer + item * channels,
            offsets.pointer + item * channels,
            weight.pointer,
            bias.pointer,
            terms.pointer + item * channels,
            terms.pointer + (batch + item) * channels,
            terms.pointer + (2 * batch + item) * channels,
            rows,
            Int64(channels),
            percept_activation(activation)
        )
    }
    let overBatch = sums.reshaped([2, batch, channels])
    let biasGradient = columnSums(overBatch.rows(0..<1))
    let weightGradient = columnSums(overBatch.rows(1..<2))
    return withExtendedLifetime((partial, factors, offsets, terms)) { (dx, weightGradient, biasGradient) }
}

/// Items, rows and channels of a normalised tensor, and the chunks of rows that are its jobs.
private struct GroupLayout {
    let batch, rows, channels, groups, groupSize, chunkRows, chunks: Int

    init(_ x: Tensor, groups: Int) {
        batch = x.shape[0]
        channels = x.columns
        precondition(channels % groups == 0, "\(channels) channels are not a multiple of \(groups) groups.")
        rows = x.count / max(batch * channels, 1)
        self.groups = groups
        groupSize = channels / groups
        chunkRows = max(8, Kernels.grain / max(channels, 1))
        chunks = (rows + chunkRows - 1) / chunkRows
    }

    /// Runs `body(item, job, first element, rows)` for every chunk.
    func run(_ kernels: Kernels, _ body: (Int, Int, Int, Int64) -> Void) {
        kernels.pool.run(count: batch * chunks) { job in
            let (item, chunk) = job.quotientAndRemainder(dividingBy: chunks)
            let first = chunk * chunkRows
            body(item, job, (item * rows + first) * channels, Int64(min(chunkRows, rows - first)))
        }
    }
}

/// Mean and 1/√(variance + ε) by item and group.
private func groupMoments(
    _ x: Tensor,
    _ layout: GroupLayout,
    epsilon: Float,
    _ kernels: Kernels
) -> (mean: Tensor, inverse: Tensor) {
    let channels = layout.channels
    let partial = Tensor(uninitialized: [2, layout.batch * layout.chunks, channels])
    // Moments about the item's first row: no digits are lost when the mean is large.
    layout.run(kernels) { item, job, start, rows in
        kernels.table.shifted_moments(
            partial.pointer + job * channels,
            partial.pointer + (layout.batch * layout.chunks + job) * channels,
            x.pointer + start,
            x.pointer + item * layout.rows * channels,
            rows,
            Int64(channels)
        )
    }
    let sums = channelSums(partial, layout)
    let mean = Tensor(uninitialized: [layout.batch, layout.groups])
    let inverse = Tensor(uninitialized: [layout.batch, layout.groups])
    let rows = Double(layout.rows)
    for index in 0..<mean.count {
        let (item, group) = index.quotientAndRemainder(dividingBy: layout.groups)
        let first = group * layout.groupSize
        var total = 0.0
        var squares = 0.0
        let shift = Double(x.pointer[item * layout.rows * channels + first])
        for channel in first..<first + layout.groupSize {
            // From the channel's own shift to the group's.
            let distance = Double(x.pointer[item * layout.rows * channels + channel]) - shift
            let sum = Double(sums.pointer[item * channels + channel])
            let square = Double(sums.pointer[(layout.batch + item) * channels + channel])
            total += sum + rows * distance
            squares += square + 2 * distance * sum + rows * distance * distance
        }
        let count = rows * Double(layout.groupSize)
        let average = total / count
        let variance = max(0, squares / count - average * average)
        mean.pointer[index] = Float(average + shift)
        inverse.pointer[index] = Float(1 / (variance + Double(epsilon)).squareRoot())
    }
    return withExtendedLifetime((partial, sums)) { (mean, inverse) }
}

/// `[2, batch·chunks, channels]` summed over the chunks of each item.
private func channelSums(_ partial: Tensor, _ layout: GroupLayout) -> Tensor {
    let channels = layout.channels
    let kernels = Kernels()
    let result = Tensor(uninitialized: [2 * layout.batch, channels])
    for row in 0..<2 * layout.batch {
        kernels.table.column_sums(
            result.pointer + row * channels,
            partial.pointer + row * layout.chunks * channels,
            Int64(layout.chunks),
            Int64(channels)
        )
    }
    return result
}

/// The factors p, q, r `[3·batch, channels]` of dx = dz·p − q − x̂·r.
private func groupTerms(_ sums: Tensor, _ layout: GroupLayout, inverseDeviation: Tensor, weight: Tensor) -> Tensor {
    let (batch, channels) = (layout.batch, layout.channels)
    let terms = Tensor(uninitialized: [3 * batch, channels])
    let count = Double(layout.rows * layout.groupSize)
    for item in 0..<batch {
        for group in 0..<layout.groups {
            let range = group * layout.groupSize..<(group + 1) * layout.groupSize
            var first = 0.0
            var second = 0.0
            for channel in range {
                let w = Double(weight.pointer[channel])
                first += w * Double(sums.pointer[item * channels + channel])
                second += w * Double(sums.pointer[(batch + item) * channels + channel])
            }
            let inverse = inverseDeviation.pointer[item * layout.groups + group]
            for channel in range {
                terms.pointer[item * channels + channel] = inverse * weight.pointer[channel]
                terms.pointer[(batch + item) * channels + channel] = inverse * Float(first / count)
                terms.pointer[(2 * batch + item) * channels + channel] = inverse * Float(second / count)
            }
        }
    }
    return terms
}
