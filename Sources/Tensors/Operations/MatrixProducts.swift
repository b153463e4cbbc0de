import CKernels

/// scale·op(A)·op(B), where op is the identity or the transpose.
///
/// Both are matrices, or both are `[batch, rows, columns]` with equal batch.
public func matrixMultiply(
    _ a: Tensor,
    _ b: Tensor,
    transposeA: Bool = false,
    transposeB: Bool = false,
    scale: Float = 1
) -> Tensor {
    let rows = a.shape[a.rank - (transposeA ? 1 : 2)]
    let columns = b.shape[b.rank - (transposeB ? 2 : 1)]
    let c = Tensor(uninitialized: a.shape.dropLast(2) + [rows, columns])
    multiply(a, b, transposeA: transposeA, transposeB: transposeB, scale: scale, c: c, accumulates: false)
    return c
}

/// Adds scale·op(A)·op(B) to `c` in place; see `matrixMultiply(_:_:transposeA:transposeB:scale:)`.
public func matrixMultiply(
    _ a: Tensor,
    _ b: Tensor,
    transposeA: Bool,
    transposeB: Bool,
    scale: Float,
    addingTo c: Tensor
) {
    multiply(a, b, transposeA: transposeA, transposeB: transposeB, scale: scale, c: c, accumulates: true)
}

private func multiply(
    _ a: Tensor,
    _ b: Tensor,
    transposeA: Bool,
    transposeB: Bool,
    scale: Float,
    c: Tensor,
    accumulates: Bool
) {
    precondition(
        a.rank == b.rank && (a.rank == 2 || a.rank == 3 && a.shape[0] == b.shape[0]),
        "Shapes \(a.shape) and \(b.shape) cannot be multiplied."
    )
    let rows = a.shape[a.rank - (transposeA ? 1 : 2)]
    let inner = a.shape[a.rank - (transposeA ? 2 : 1)]
    let columns = b.shape[b.rank - (transposeB ? 2 : 1)]
    let batch = a.rank == 3 ? a.shape[0] : 1
    precondition(
        b.shape[b.rank - (transposeB ? 1 : 2)] == inner && c.count == batch * rows * columns,
        "Shapes \(a.shape) and \(b.shape) do not multiply to \(c.shape)."
    )
    guard inner > 0 else {
        if !accumulates { c.pointer.update(repeating: 0, count: c.count) }
        return
    }
    if Engine.current.instructionSet == .portable {
        for item in 0..<batch {
            BLASProduct(
                a: a.pointer + item * rows * inner,
                b: b.pointer + item * inner * columns,
                c: c.pointer + item * rows * columns,
                rows: rows,
                columns: columns,
                inner: inner,
                transposeA: transposeA,
                transposeB: transposeB,
                scale: scale,
                accumulates: accumulates
            ).run(on: Engine.current.pool)
        }
        return
    }
    let a = transposeA ? transposeLast2(a) : a
    let kernels = Kernels()
    let size = kernels.packedCount(inner: inner, columns: columns)
    let packed = Tensor(uninitialized: [batch, size])
    let width = Int(kernels.table.panel_width)
    let panels = (columns + width - 1) / width
    kernels.pool.run(count: batch * panels) { job in
        let (item, panel) = job.quotientAndRemainder(dividingBy: panels)
        kernels.packPanel(
            panel,
            b.pointer + item * inner * columns,
            kStride: transposeB ? 1 : columns,
            nStride: transposeB ? inner : 1,
            inner: inner,
            columns: columns,
            into: packed.pointer + item * size
        )
    }
    let products = (0..<batch).map { item in
        var product = percept_product(
            rows: rows,
            columns: columns,
            inner: inner,
            a: a.pointer + item * rows * inner,
            aStride: inner,
            b: packed.pointer + item * size,
            c: c.pointer + item * rows * columns,
            cStride: columns
        )
        product.scale = scale
        product.accumulate = accumulates ? 1 : 0
        return product
    }
    withExtendedLifetime((a, packed)) { kernels.run(products) }
}
