import Tensors

/// x·sigmoid(x).
public func silu(_ x: Variable) -> Variable {
    .result(Tensors.silu(x.value), of: [x]) { gradient in [Tensors.siluGradient(gradient, x.value)] }
}

/// The exact Gaussian error linear unit, x/2·(1 + erf(x/√2)).
public func gelu(_ x: Variable) -> Variable {
    .result(Tensors.gelu(x.value), of: [x]) { gradient in [Tensors.geluGradient(gradient, x.value)] }
}

/// a·GELU(g) for x = [a | g] split in the middle of the last axis.
public func geglu(_ x: Variable) -> Variable {
    .result(Tensors.geglu(x.value), of: [x]) { gradient in [Tensors.gegluGradient(gradient, x.value)] }
}

/// The softmax of the last axis.
public func softmax(_ x: Variable) -> Variable {
    let y = Tensors.softmax(x.value)
    return .result(y, of: [x]) { gradient in [Tensors.softmaxGradient(gradient, y)] }
}
