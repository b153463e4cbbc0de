import Tensors

extension Variable {
    /// The same elements under another shape.
    public func reshaped(_ shape: [Int]) -> Variable {
        let original = self.shape
        return .result(value.reshaped(shape), of: [self]) { gradient in [gradient.reshaped(original)] }
    }
}

/// `[B, N, M]` → `[B, M, N]`.
public func transposed(_ x: Variable) -> Variable {
    .result(Tensors.transposeLast2(x.value), of: [x]) { gradient in [Tensors.transposeLast2(gradient)] }
}

/// The arguments side by side on the last axis.
public func concatenate(_ parts: [Variable]) -> Variable {
    let sizes = parts.map { $0.shape[$0.shape.count - 1] }
    return .result(Tensors.concatenate(parts.map(\.value)), of: parts) { gradient in
        Tensors.split(gradient, sizes: sizes)
    }
}

/// The parts of the last axis, of the given sizes.
public func split(_ x: Variable, sizes: [Int]) -> [Variable] {
    let parts = Tensors.split(x.value, sizes: sizes)
    return parts.indices.map { index in
        .result(parts[index], of: [x]) { gradient in
            let padded = parts.indices.map { $0 == index ? gradient : Tensor(zeros: parts[$0].shape) }
            return [Tensors.concatenate(padded)]
        }
    }
}

/// Doubles height and width of `[B, H, W, C]` by repeating every position.
public func upsampleNearest2(_ x: Variable) -> Variable {
    .result(Tensors.upsampleNearest2(x.value), of: [x]) { gradient in
        [Tensors.upsampleNearest2Gradient(gradient)]
    }
}
