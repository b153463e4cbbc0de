import Tensors

/// a + b, element by element.
public func + (a: Variable, b: Variable) -> Variable {
    .result(Tensors.add(a.value, b.value), of: [a, b]) { gradient in [gradient, gradient] }
}

/// a − b, element by element.
public func - (a: Variable, b: Variable) -> Variable {
    .result(Tensors.subtract(a.value, b.value), of: [a, b]) { gradient in
        [gradient, b.requiresGradient ? Tensors.scale(gradient, by: -1) : nil]
    }
}

/// a · b, element by element.
public func * (a: Variable, b: Variable) -> Variable {
    .result(Tensors.multiply(a.value, b.value), of: [a, b]) { gradient in
        [
            a.requiresGradient ? Tensors.multiply(gradient, b.value) : nil,
            b.requiresGradient ? Tensors.multiply(gradient, a.value) : nil,
        ]
    }
}

/// factor · a.
public func * (factor: Float, a: Variable) -> Variable {
    .result(Tensors.scale(a.value, by: factor), of: [a]) { gradient in [Tensors.scale(gradient, by: factor)] }
}

/// x + table, the table repeated along the first axis of x: `[B, N, C] + [N, C]`.
public func addBroadcast(_ x: Variable, _ table: Variable) -> Variable {
    let batch = x.shape[0]
    let inner = x.value.count / max(batch, 1)
    precondition(table.value.count == inner, "A table of shape \(table.shape) cannot be added to shape \(x.shape).")
    let result = Tensor(uninitialized: x.shape)
    let flat = x.value.reshaped([batch, inner])
    let row = table.value.reshaped([1, inner])
    for item in 0..<batch {
        Tensors.add(flat.rows(item..<item + 1), row, into: result.reshaped([batch, inner]).rows(item..<item + 1))
    }
    return .result(result, of: [x, table]) { gradient in
        let sum =
            table.requiresGradient
            ? Tensors.columnSums(gradient.reshaped([batch, inner])).reshaped(table.shape) : nil
        return [gradient, sum]
    }
}

/// The sum of all elements.
public func sum(_ x: Variable) -> Variable {
    .result(Tensor(Float(Tensors.sum(x.value))), of: [x]) { gradient in
        [Tensor(repeating: gradient.item, shape: x.shape)]
    }
}

/// The mean of all elements.
public func mean(_ x: Variable) -> Variable {
    (1 / Float(max(x.value.count, 1))) * sum(x)
}
