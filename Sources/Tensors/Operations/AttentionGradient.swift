import CKernels

/// The gradients of `attention` at q, k and v, from the gradient `dOut` of its output.
public func attentionGradient(
    _ dOut: Tensor,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    result: AttentionResult,
    heads: Int
) -> (Tensor, Tensor, Tensor) {
    let layout = AttentionLayout(q: TokenColumns(q), k: TokenColumns(k), v: TokenColumns(v), heads: heads)
    let (dq, dk, dv) = (Tensor(uninitialized: q.shape), Tensor(zeros: k.shape), Tensor(zeros: v.shape))
    attentionGradient(
        dOut,
        layout,
        result,
        into: (TokenColumns(dq), TokenColumns(dk), TokenColumns(dv))
    )
    return (dq, dk, dv)
}

/// The gradient of `attention(qkv:heads:)` at its argument.
public func attentionGradient(_ dOut: Tensor, qkv: Tensor, result: AttentionResult, heads: Int) -> Tensor {
    let gradient = Tensor(zeros: qkv.shape)
    let layout = AttentionLayout(qkv: qkv, heads: heads)
    let target = AttentionLayout(qkv: gradient, heads: heads)
    attentionGradient(dOut, layout, result, into: (target.q, target.k, target.v))
    return gradient
}

/// Recomputes the probabilities, for as many queries at a time as fit the second and third cache.
private func attentionGradient(
    _ dOut: Tensor,
    _ layout: AttentionLayout,
    _ result: AttentionResult,
    into gradients: (q: TokenColumns, k: TokenColumns, v: TokenColumns)
) {
    let kernels = Kernels()
    let (queries, keys) = (layout.queries, layout.keys)
    precondition(dOut.count == result.output.count, "A gradient of shape \(dOut.shape) does not fit.")
    let dOutColumns = TokenColumns(dOut.reshaped(result.output.shape))
    let packed = AttentionPanels(layout, kernels)
    let limit = 1 << 20
    let chunk = min(queries, max(1, limit / max(keys, 1)))
    let group = min(layout.instances, max(1, limit / max(chunk * keys, 1)))
    for first in stride(from: 0, to: layout.instances, by: group) {
        let instances = first..<min(layout.instances, first + group)
        for start in stride(from: 0, to: queries, by: chunk) {
            let pass = AttentionGradientPass(
                layout: layout,
                kernels: kernels,
                instances: instances,
                queries: start..<min(queries, start + chunk),
                dOut: dOutColumns,
                gradients: gradients
            )
            pass.run(packed, result)
        }
    }
}

/// Keys and values as right-hand sides: kᵀ, k and vᵀ.
private struct AttentionPanels {
    let keysTransposed, keys, valuesTransposed: Tensor

    init(_ layout: AttentionLayout, _ kernels: Kernels) {
        keysTransposed = layout.pack(layout.k, transposed: true, kernels)
        keys = layout.pack(layout.k, transposed: false, kernels)
        valuesTransposed = layout.pack(layout.v, transposed: true, kernels)
    }
}

/// One range of queries of some instances (item and head).
private struct AttentionGradientPass {
    let layout: AttentionLayout
    let kernels: Kernels
    let instances: Range<Int>
    let queries: Range<Int>
    let dOut: TokenColumns
    let gradients: (q: TokenColumns, k: TokenColumns, v: TokenColumns)

    func run(_ panels: AttentionPanels, _ result: AttentionResult) {
        let shape = [instances.count, queries.count, layout.keys]
        let probabilities = Tensor(uninitialized: shape)
        let scoreGradients = Tensor(uninitialized: shape)
        let area = queries.count * layout.keys
        let step = 48
        let blocks = (queries.count + step - 1) / step
        kernels.pool.run(count: instances.count * blocks) { job in
            let (index, block) = job.quotientAndRemainder(dividingBy: blocks)
            let instance = instances.lowerBound + index
            let first = block * step
            let rows = min(step, queries.count - first)
            let p = probabilities.pointer + index * area + first * layout.keys
            let ds = scoreGradients.pointer + index * area + first * layout.keys
            let keys = Int64(layout.keys)
            runRows(layout.q, instance, first, rows, panels.keysTransposed, into: p)
            let sums = result.logSumExp.pointer + instance * layout.queries + queries.lowerBound + first
            kernels.table.softmax_again(p, Int64(rows), keys, layout.scale, sums)
            runRows(dOut, instance, first, rows, panels.valuesTransposed, into: ds)
            kernels.table.softmax_gradient(ds, ds, p, Int64(rows), keys, layout.scale)
            kernels.runSerially(
                percept_product(
                    rows: rows,
                    columns: layout.width,
                    inner: layout.keys,
                    a: ds,
                    aStride: layout.keys,
                    b: panels.keys.rows(instance..<instance + 1).pointer,
                    c: pointer(gradients.q, instance, row: queries.lowerBound + first),
                    cStride: gradients.q.stride
                )
            )
        }
        accumulate(transposeLast2(probabilities), right: dOut, into: gradients.v)
        accumulate(transposeLast2(scoreGradients), right: layout.q, into: gradients.k)
    }

    private func pointer(_ part: TokenColumns, _ instance: Int, row: Int) -> UnsafeMutablePointer<Float> {
        let (item, head) = instance.quotientAndRemainder(dividingBy: layout.heads)
        return part.pointer(item: item, column: head * layout.width) + row * part.stride
    }

    /// Rows of a part times panels with a column for each key.
    private func runRows(
        _ part: TokenColumns,
        _ instance: Int,
        _ first: Int,
        _ rows: Int,
        _ panels: Tensor,
        into target: UnsafeMutablePointer<Float>
    ) {
        kernels.runSerially(
            percept_product(
                rows: rows,
                columns: layout.keys,
                inner: layout.width,
                a: pointer(part, instance, row: queries.lowerBound + first),
                aStride: part.stride,
                b: panels.rows(instance..<instance + 1).pointer,
                c: target,
                cStride: layout.keys
            )
        )
    }

    /// Adds left `[instances, keys, queries]` times this pass's rows of `right` to a gradient.
    private func accumulate(_ left: Tensor, right: TokenColumns, into gradient: TokenColumns) {
        let (inner, width) = (queries.count, layout.width)
        let size = kernels.packedCount(inner: inner, columns: width)
        let packed = Tensor(uninitialized: [instances.count, size])
        let panelWidth = Int(kernels.table.panel_width)
        let panels = (width + panelWidth - 1) / panelWidth
        kernels.pool.run(count: instances.count * panels) { job in
            let (index, panel) = job.quotientAndRemainder(dividingBy: panels)
            kernels.packPanel(
                panel,
                pointer(right, instances.lowerBound + index, row: queries.lowerBound),
                kStride: right.stride,
                nStride: 1,
                inner: inner,
                columns: width,
                into: packed.pointer + index * size
            )
        }
        let products = instances.indices.map { instance in
            let index = instance - instances.lowerBound
            var product = percept_product(
                rows: layout.keys,
                columns: width,
                inner: inner,
                a: left.pointer + index * layout.keys * inner,
                aStride: inner,
                b: packed.pointer + index * size,
                c: pointer(gradient, instance, row: 0),
                cStride: gradient.stride
            )
            product.accumulate = 1
            return product
        }
        withExtendedLifetime((left, packed)) { kernels.run(products) }
    }
}
