import Tensors

/// Multi-head scaled dot-product attention, softmax(q·kᵀ/√d)·v per head.
///
/// - Parameters:
///   - q: `[B, N, heads·d]`.
///   - k: `[B, M, heads·d]`.
///   - v: `[B, M, heads·d]`.
///   - heads: the number of contiguous heads of the last axis.
/// - Returns: `[B, N, heads·d]`.
public func attention(_ q: Variable, _ k: Variable, _ v: Variable, heads: Int) -> Variable {
    let result = Tensors.attention(q.value, k.value, v.value, heads: heads)
    return .result(result.output, of: [q, k, v]) { gradient in
        let gradients = Tensors.attentionGradient(
            gradient,
            q: q.value,
            k: k.value,
            v: v.value,
            result: result,
            heads: heads
        )
        return [gradients.0, gradients.1, gradients.2]
    }
}

/// Self-attention over queries, keys and values that stand side by side, `[B, N, 3·heads·d]` → `[B, N, heads·d]`.
public func attention(qkv: Variable, heads: Int) -> Variable {
    let result = Tensors.attention(qkv: qkv.value, heads: heads)
    return .result(result.output, of: [qkv]) { gradient in
        [Tensors.attentionGradient(gradient, qkv: qkv.value, result: result, heads: heads)]
    }
}
