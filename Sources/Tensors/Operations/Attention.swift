import CKernels

/// What attention returns: its output `[B, N, width]` and log Σ exp of the scores, `[B, heads, N]`, for the gradient.
public struct AttentionResult: Sendable {
    /// softmax(q·kᵀ/√d)·v, `[B, N, width]`.
    public let output: Tensor
    /// log Σ exp of each query's scores, `[B, heads, N]`.
    public let logSumExp: Tensor
}

/// Multi-head attention softmax(q·kᵀ/√d)·v of q `[B, N, heads·d]`, k and v `[B, M, heads·d]`.
///
/// Scores exist for a block of queries at a time: N×M numbers are never stored.
public func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, heads: Int) -> AttentionResult {
    attention(AttentionLayout(q: TokenColumns(q), k: TokenColumns(k), v: TokenColumns(v), heads: heads))
}

/// Self-attention of `[q, k, v]` side by side, `[B, N, 3·heads·d]`.
public func attention(qkv: Tensor, heads: Int) -> AttentionResult {
    attention(AttentionLayout(qkv: qkv, heads: heads))
}

/// A range of the columns of tokens `[B, N, columns]`.
struct TokenColumns {
    let tensor: Tensor
    let first: Int
    let width: Int

    init(_ tensor: Tensor, first: Int = 0, width: Int? = nil) {
        precondition(tensor.rank == 3, "Tokens have three axes, not shape \(tensor.shape).")
        self.tensor = tensor
        self.first = first
        self.width = width ?? tensor.columns
    }

    var tokens: Int { tensor.shape[1] }
    var stride: Int { tensor.columns }

    /// The columns of one head in the first row of one item.
    func pointer(item: Int, column: Int) -> UnsafeMutablePointer<Float> {
        tensor.pointer + item * tokens * stride + first + column
    }
}

/// The shapes of one attention.
struct AttentionLayout {
    let q, k, v: TokenColumns
    let heads, batch, queries, keys, width: Int

    init(q: TokenColumns, k: TokenColumns, v: TokenColumns, heads: Int) {
        precondition(
            q.width == k.width && k.width == v.width && q.width % heads == 0 && k.tokens == v.tokens
                && q.tensor.shape[0] == k.tensor.shape[0],
            "q \(q.tensor.shape), k \(k.tensor.shape), v \(v.tensor.shape) do not fit \(heads) heads."
        )
        self.q = q
        self.k = k
        self.v = v
        self.heads = heads
        batch = q.tensor.shape[0]
        queries = q.tokens
        keys = k.tokens
        width = q.width / heads
    }

    init(qkv: Tensor, heads: Int) {
        let width = qkv.columns / 3
        precondition(qkv.columns == 3 * width, "A last axis of \(qkv.columns) is not q, k and v.")
        self.init(
            q: TokenColumns(qkv, first: 0, width: width),
            k: TokenColumns(qkv, first: width, width: width),
            v: TokenColumns(qkv, first: 2 * width, width: width),
            heads: heads
        )
    }

    var scale: Float { 1 / Float(width).squareRoot() }
    var instances: Int { batch * heads }

    /// Packs, for every item and head, a part's rows as columns of B (`transposed`) or as rows of B.
    func pack(_ part: TokenColumns, transposed: Bool, _ kernels: Kernels) -> Tensor {
        let (inner, columns) = transposed ? (width, part.tokens) : (part.tokens, width)
        let size = kernels.packedCount(inner: inner, columns: columns)
        let packed = Tensor(uninitialized: [instances, size])
        let panelWidth = Int(kernels.table.panel_width)
        let panels = (columns + panelWidth - 1) / panelWidth
        kernels.pool.run(count: instances * panels) { job in
            let (instance, panel) = job.quotientAndRemainder(dividingBy: panels)
            kernels.packPanel(
                panel,
                part.pointer(item: instance / heads, column: instance % heads * width),
                kStride: transposed ? 1 : part.stride,
                nStride: transposed ? part.stride : 1,
                inner: inner,
                columns: columns,
                into: packed.pointer + instance * size
            )
        }
        return packed
    }
}

private func attention(_ layout: AttentionLayout) -> AttentionResult {
    let kernels = Kernels()
    let (queries, keys, width) = (layout.queries, layout.keys, layout.width)
    let packedKeys = layout.pack(layout.k, transposed: true, kernels)
    let packedValues = layout.pack(layout.v, transposed: false, kernels)
    let output = Tensor(uninitialized: [layout.batch, queries, layout.heads * width])
    let logSumExp = Tensor(uninitialized: [layout.batch, layout.heads, queries])
    let step = keys > 2048 ? 48 : 96
    let blocks = (queries + step - 1) / step
    let scores = ScratchPool(count: step * keys, slots: kernels.pool.threads)
    kernels.pool.run(count: layout.instances * blocks) { job in
        let (instance, block) = job.quotientAndRemainder(dividingBy: blocks)
        let (item, head) = instance.quotientAndRemainder(dividingBy: layout.heads)
        let first = block * queries / blocks
        let rows = (block + 1) * queries / blocks - first
        scores.withScratch { scores in
            kernels.runSerially(
                percept_product(
                    rows: rows,
                    columns: keys,
                    inner: width,
                    a: layout.q.pointer(item: item, column: head * width) + first * layout.q.stride,
                    aStride: layout.q.stride,
                    b: packedKeys.rows(instance..<instance + 1).pointer,
                    c: scores,
                    cStride: keys
                )
            )
            let sums = logSumExp.pointer + instance * queries + first
            kernels.table.softmax(scores, scores, Int64(rows), Int64(keys), layout.scale, sums)
            kernels.runSerially(
                percept_product(
                    rows: rows,
                    columns: width,
                    inner: keys,
                    a: scores,
                    aStride: keys,
                    b: packedValues.rows(instance..<instance + 1).pointer,
                    c: output.pointer + (item * queries + first) * layout.heads * width + head * width,
                    cStride: layout.heads * width
                )
            )
        }
    }
    return withExtendedLifetime(layout) { AttentionResult(output: output, logSumExp: logSumExp) }
}
