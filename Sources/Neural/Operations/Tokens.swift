import Tensors

/// Tokens chosen by their number, item by item: `y[b, i] = x[b, indices[b][i]]` for `x [B, N, C]`.
///
/// Every item chooses equally many; a token may be chosen more than once.
public func gatherTokens(_ x: Variable, _ indices: [[Int]]) -> Variable {
    let (batch, tokens, width) = (x.shape[0], x.shape[1], x.shape[2])
    let chosen = indices.first?.count ?? 0
    precondition(indices.count == batch && indices.allSatisfy { $0.count == chosen }, "One equal list per item.")
    let result = Tensor(uninitialized: [batch, chosen, width])
    for (item, list) in indices.enumerated() {
        for (position, token) in list.enumerated() {
            precondition(token >= 0 && token < tokens, "Token \(token) of \(tokens).")
            (result.pointer + (item * chosen + position) * width)
                .update(from: x.value.pointer + (item * tokens + token) * width, count: width)
        }
    }
    return .result(result, of: [x]) { gradient in
        let scattered = Tensor(zeros: x.shape)
        for (item, list) in indices.enumerated() {
            for (position, token) in list.enumerated() {
                let source = gradient.pointer + (item * chosen + position) * width
                let target = scattered.pointer + (item * tokens + token) * width
                for channel in 0..<width { target[channel] += source[channel] }
            }
        }
        return [scattered]
    }
}

/// The token lists one after the other: `[B, N, C]`, `[B, M, C]` → `[B, N+M, C]`.
public func concatenateTokens(_ parts: [Variable]) -> Variable {
    let (batch, width) = (parts[0].shape[0], parts[0].shape[2])
    let sizes = parts.map { $0.shape[1] * width }
    let flat = parts.map { $0.reshaped([batch, $0.shape[1] * width]) }
    return concatenate(flat).reshaped([batch, sizes.reduce(0, +) / width, width])
}

/// Tokens `range` of every item.
public func sliceTokens(_ x: Variable, _ range: Range<Int>) -> Variable {
    gatherTokens(x, Array(repeating: Array(range), count: x.shape[0]))
}

/// One token `[C]` (or `[1, 1, C]`) repeated to `[B, N, C]`.
public func repeatToken(_ token: Variable, batch: Int, count: Int) -> Variable {
    let width = token.value.count
    let result = Tensor(uninitialized: [batch, count, width])
    for row in 0..<batch * count { (result.pointer + row * width).update(from: token.value.pointer, count: width) }
    return .result(result, of: [token]) { gradient in [Tensors.columnSums(gradient).reshaped(token.shape)] }
}

/// The mean over the tokens, `[B, N, C]` → `[B, 1, C]`.
public func meanOverTokens(_ x: Variable) -> Variable {
    let (batch, tokens, width) = (x.shape[0], x.shape[1], x.shape[2])
    let weights = Variable(Tensor(repeating: 1 / Float(tokens), shape: [1, tokens]))
    let rows = (0..<batch).map { item in
        matrixMultiply(weights, sliceItems(x, item..<item + 1).reshaped([tokens, width]))
    }
    return stackItems(rows).reshaped([batch, 1, width])
}

/// Items `range` of the first axis.
public func sliceItems(_ x: Variable, _ range: Range<Int>) -> Variable {
    let inner = x.value.count / max(x.shape[0], 1)
    return .result(x.value.rows(range), of: [x]) { gradient in
        let result = Tensor(zeros: x.shape)
        (result.pointer + range.lowerBound * inner).update(from: gradient.pointer, count: gradient.count)
        return [result]
    }
}

/// The arguments one below the other on the first axis.
public func stackItems(_ parts: [Variable]) -> Variable {
    let counts = parts.map { $0.shape[0] }
    return .result(stacked(parts.map(\.value)), of: parts) { gradient in
        var start = 0
        return counts.map { count in
            defer { start += count }
            return gradient.rows(start..<start + count)
        }
    }
}
