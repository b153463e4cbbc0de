import Tensors

/// activation(GroupNorm(x)) for `x [B, ..., C]`: statistics over the positions and the channels of a group.
public func groupNorm(
    _ x: Variable,
    groups: Int,
    weight: Variable,
    bias: Variable,
    epsilon: Float,
    activation: Activation = .none
) -> Variable {
    let result = Tensors.groupNorm(
        x.value,
        groups: groups,
        weight: weight.value,
        bias: bias.value,
        epsilon: epsilon,
        activation: activation
    )
    return .result(result.output, of: [x, weight, bias]) { gradient in
        let gradients = Tensors.groupNormGradient(
            gradient,
            x: x.value,
            mean: result.mean,
            inverseDeviation: result.inverseDeviation,
            groups: groups,
            weight: weight.value,
            bias: bias.value,
            activation: activation
        )
        return [gradients.x, gradients.weight, gradients.bias]
    }
}

/// LayerNorm over the last axis.
public func layerNorm(_ x: Variable, weight: Variable, bias: Variable, epsilon: Float) -> Variable {
    let result = Tensors.layerNorm(x.value, weight: weight.value, bias: bias.value, epsilon: epsilon)
    return .result(result.output, of: [x, weight, bias]) { gradient in
        let gradients = Tensors.layerNormGradient(
            gradient,
            x: x.value,
            mean: result.mean,
            inverseDeviation: result.inverseDeviation,
            weight: weight.value
        )
        return [gradients.x, gradients.weight, gradients.bias]
    }
}

/// x/max(‖x‖, floor) for every row of the last axis.
public func normalizeRows(_ x: Variable, floor: Float = 1e-12) -> Variable {
    let width = x.shape[x.shape.count - 1]
    let rows = x.value.count / max(width, 1)
    let y = Tensor(uninitialized: x.shape)
    let inverseNorms = (0..<rows).map { row -> Float in
        let source = x.value.pointer + row * width
        var squares = 0.0
        for column in 0..<width { squares += Double(source[column]) * Double(source[column]) }
        let inverse = Float(1 / max(squares.squareRoot(), Double(floor)))
        for column in 0..<width { y.pointer[row * width + column] = source[column] * inverse }
        return inverse
    }
    return .result(y, of: [x]) { gradient in
        let result = Tensor(uninitialized: x.shape)
        for row in 0..<rows {
            let (direction, incoming) = (y.pointer + row * width, gradient.pointer + row * width)
            var projection = 0.0
            for column in 0..<width { projection += Double(direction[column]) * Double(incoming[column]) }
            // Below the floor the norm is a constant, so nothing is projected out.
            if inverseNorms[row] >= 1 / floor { projection = 0 }
            for column in 0..<width {
                let tangent = incoming[column] - Float(projection) * direction[column]
                result.pointer[row * width + column] = tangent * inverseNorms[row]
            }
        }
        return [result]
    }
}
