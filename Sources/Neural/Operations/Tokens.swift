import Tensors

/// Tokens chosen by their number, item by item: `y[b, i] = x[b, indices[b][i]]` for `x [B, N, C]`.
///
/// Every item chooses equally many; a token may be chosen more than once. With `x [1, N, C]` all items choose from the
/// same tokens.
public func gatherTokens(_ x: Variable, _ indices: [[Int]]) -> Variable {
    let (batch, tokens, width) = (indices.count, x.shape[1], x.shape[2])
    let chosen = indices.first?.count ?? 0
    precondition(x.shape[0] == batch || x.shape[0] == 1, "\(batch) lists for tokens of shape \(x.shape).")
    precondition(
        indices.allSatisfy { $0.count == chosen && $0.allSatisfy { (0..<tokens).contains($0) } },
        "Lists of one length, of numbers below \(tokens)."
    )
    let stride = x.shape[0] == 1 ? 0 : tokens * width
    let result = Tensor(uninitialized: [batch, chosen, width])
    forEachItem(batch, elements: result.count) { item in
        let (source, target) = (x.value.pointer + item * stride, result.pointer + item * chosen * width)
        for (position, token) in indices[item].enumerated() {
            (target + position * width).update(from: source + token * width, count: width)
        }
    }
    return .result(result, of: [x]) { gradient in
        let scattered = Tensor(zeros: x.shape)
        // Items that share their tokens add to the same rows, so they cannot run side by side.
        forEachItem(batch, elements: stride == 0 ? 0 : gradient.count) { item in
            let (source, target) = (gradient.pointer + item * chosen * width, scattered.pointer + item * stride)
            for (position, token) in indices[item].enumerated() {
                accumulate(source + position * width, into: target + token * width, count: width)
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
    let (batch, tokens, width) = (x.shape[0], x.shape[1], x.shape[2])
    precondition(range.lowerBound >= 0 && range.upperBound <= tokens, "Tokens \(range) of shape \(x.shape).")
    let (offset, length) = (range.lowerBound * width, range.count * width)
    let shape = [batch, range.count, width]
    let result: Tensor
    if batch == 1 {
        result = x.value.reshaped([tokens, width]).rows(range).reshaped(shape)
    } else {
        result = Tensor(uninitialized: shape)
        forEachItem(batch, elements: result.count) { item in
            let source = x.value.pointer + item * tokens * width + offset
            (result.pointer + item * length).update(from: source, count: length)
        }
    }
    return .result(result, of: [x]) { gradient in
        let padded = Tensor(zeros: x.shape)
        forEachItem(batch, elements: gradient.count) { item in
            let target = padded.pointer + item * tokens * width + offset
            target.update(from: gradient.pointer + item * length, count: length)
        }
        return [padded]
    }
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

/// Runs `body` for every item, on all threads where there is enough to do.
private func forEachItem(_ batch: Int, elements: Int, _ body: (Int) -> Void) {
    guard elements >= 1 << 16 else {
        for item in 0..<batch { body(item) }
        return
    }
    Engine.current.pool.run(count: batch, body)
}

private func accumulate(_ source: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count { target[index] += source[index] }
}
