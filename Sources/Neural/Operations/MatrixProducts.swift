import Tensors

/// The product of matrices, `[N, K]·[K, M]`, either of them optionally transposed.
public func matrixMultiply(
    _ a: Variable,
    _ b: Variable,
    transposeA: Bool = false,
    transposeB: Bool = false
) -> Variable {
    let value = Tensors.matrixMultiply(a.value, b.value, transposeA: transposeA, transposeB: transposeB)
    return .result(value, of: [a, b]) { gradient in
        let gradientA: Tensor? =
            !a.requiresGradient
            ? nil
            : transposeA
                ? Tensors.matrixMultiply(b.value, gradient, transposeA: transposeB, transposeB: true)
                : Tensors.matrixMultiply(gradient, b.value, transposeA: false, transposeB: !transposeB)
        let gradientB: Tensor? =
            !b.requiresGradient
            ? nil
            : transposeB
                ? Tensors.matrixMultiply(gradient, a.value, transposeA: true, transposeB: transposeA)
                : Tensors.matrixMultiply(a.value, gradient, transposeA: !transposeA, transposeB: false)
        return [gradientA, gradientB]
    }
}

/// activation(x·Wᵀ + b) + residual for `x [..., in]` and a weight `[out, in]` (further axes of extent 1 are allowed).
///
/// With several weights of equal input width the results stand side by side on the last axis, as if the weights were
/// one: queries, keys and values in one pass.
public func linear(
    _ x: Variable,
    weights: [Parameter],
    biases: [Parameter] = [],
    activation: Activation = .none,
    residual: Variable? = nil
) -> Variable {
    precondition(!weights.isEmpty && (biases.isEmpty || biases.count == weights.count), "A bias for each weight.")
    guard isRecorded(x, weights, biases, [residual]) else {
        let bias = biases.isEmpty ? nil : joinedBias(biases)
        let value = Tensors.linear(
            x.value,
            packedMatrix(weights),
            bias: bias,
            activation: activation,
            residual: residual?.value
        )
        return Variable(value)
    }
    // The reverse pass needs the argument of an activation, so only without one can the residual be part of the product.
    let isLast = activation == .none
    let y = linearWithoutActivation(x, weights: weights, biases: biases, residual: isLast ? residual : nil)
    switch activation {
    case .none: return y
    case .silu: return residual.map { silu(y) + $0 } ?? silu(y)
    case .gelu: return residual.map { gelu(y) + $0 } ?? gelu(y)
    }
}

/// Whether an operation on these arguments has a reverse pass.
func isRecorded(_ x: Variable, _ weights: [Parameter], _ biases: [Parameter], _ others: [Variable?]) -> Bool {
    if x.requiresGradient || others.contains(where: { $0?.requiresGradient == true }) { return true }
    return GradientRecording.isEnabled && (weights + biases).contains(where: \.isTrainable)
}

private func linearWithoutActivation(
    _ x: Variable,
    weights: [Parameter],
    biases: [Parameter],
    residual: Variable?
) -> Variable {
    let weightVariables = weights.map(\.variable)
    let biasVariables = biases.map(\.variable)
    let value = Tensors.linear(
        x.value,
        packedMatrix(weights),
        bias: biases.isEmpty ? nil : joinedBias(biases),
        activation: .none,
        residual: residual?.value
    )
    let arguments = [x] + weightVariables + biasVariables + (residual.map { [$0] } ?? [])
    return .result(value, of: arguments) { gradient in
        let inputs = x.shape[x.shape.count - 1]
        let sizes = weights.map { $0.shape[0] }
        let rows = gradient.count / sizes.reduce(0, +)
        let flatX = x.value.reshaped([rows, inputs])
        let parts =
            sizes.count == 1
            ? [gradient.reshaped([rows, sizes[0]])]
            : Tensors.split(gradient.reshaped([rows, sizes.reduce(0, +)]), sizes: sizes)
        var gradientX: Tensor?
        var gradients: [Tensor?] = []
        for (part, weight) in zip(parts, weightVariables) {
            let matrix = weight.value.reshaped([part.shape[1], inputs])
            if x.requiresGradient {
                if let sum = gradientX {
                    Tensors.matrixMultiply(
                        part,
                        matrix,
                        transposeA: false,
                        transposeB: false,
                        scale: 1,
                        addingTo: sum
                    )
                } else {
                    gradientX = Tensors.matrixMultiply(part, matrix)
                }
            }
            gradients.append(
                weight.requiresGradient
                    ? Tensors.matrixMultiply(part, flatX, transposeA: true).reshaped(weight.shape) : nil
            )
        }
        for (part, bias) in zip(parts, biasVariables) {
            gradients.append(bias.requiresGradient ? Tensors.columnSums(part) : nil)
        }
        if residual != nil { gradients.append(gradient) }
        return [gradientX?.reshaped(x.shape)] + gradients
    }
}

/// The weights side by side, packed for the kernels, made once per value.
private func packedMatrix(_ weights: [Parameter]) -> PackedMatrix {
    let outputs = weights.reduce(0) { $0 + $1.shape[0] }
    let inputs = weights[0].count / weights[0].shape[0]
    let companions = Array(weights.dropFirst())
    let key = "matrix.\(weights.count).\(Engine.current.instructionSet.rawValue)"
    return weights[0].packed(key, with: companions) { stored, values in
        if let stored, stored.count == PackedMatrix.packedCount(outputs: outputs, inputs: inputs) {
            return PackedMatrix(data: stored, outputs: outputs, inputs: inputs)
        }
        let matrices = values().map { $0.reshaped([$0.shape[0], inputs]) }
        return PackedMatrix(matrices.count == 1 ? matrices[0] : stacked(matrices))
    }
}

private func joinedBias(_ biases: [Parameter]) -> Tensor {
    biases.count == 1 ? biases[0].value : stacked(biases.map(\.value))
}

/// The tensors one below the other on the first axis.
func stacked(_ tensors: [Tensor]) -> Tensor {
    let rows = tensors.reduce(0) { $0 + $1.shape[0] }
    let result = Tensor(uninitialized: [rows] + tensors[0].shape.dropFirst())
    var offset = 0
    for tensor in tensors {
        (result.pointer + offset).update(from: tensor.pointer, count: tensor.count)
        offset += tensor.count
    }
    return result
}
