import Tensors

/// conv(x) + bias + rowBias + residual for channel-last images.
///
/// - Parameters:
///   - x: `[B, H, W, in]`.
///   - weight: `[out, in, k, k]`.
///   - bias: `[out]`.
///   - geometry: kernel size, stride and padding.
///   - rowBias: `[B, out]`, added to every position of an item: how the time embedding enters.
///   - residual: of the result's shape.
public func convolution(
    _ x: Variable,
    weight: Parameter,
    bias: Parameter?,
    geometry: ConvolutionGeometry,
    rowBias: Variable? = nil,
    residual: Variable? = nil
) -> Variable {
    let packed = packedConvolution(weight, geometry: geometry, height: x.shape[1], width: x.shape[2])
    let value = Tensors.convolution(
        x.value,
        packed,
        bias: bias?.value,
        rowBias: rowBias?.value,
        residual: residual?.value
    )
    // Inference must not ask for the raw weight: it would stay in memory beside its packed form.
    guard isRecorded(x, [weight], bias.map { [$0] } ?? [], [rowBias, residual]) else { return Variable(value) }
    let weightVariable = weight.variable
    let biasVariable = bias?.variable
    let optional = [biasVariable, rowBias, residual]
    return .result(value, of: [x, weightVariable] + optional.compactMap { $0 }) { gradient in
        let gradientX =
            x.requiresGradient
            ? Tensors.convolutionInputGradient(
                gradient,
                weight: weightVariable.value,
                geometry: geometry,
                inputShape: x.shape
            ) : nil
        let gradientWeight =
            weightVariable.requiresGradient
            ? Tensors.convolutionWeightGradient(gradient, x.value, geometry: geometry) : nil
        var gradients = [gradientX, gradientWeight]
        if let biasVariable { gradients.append(biasVariable.requiresGradient ? Tensors.columnSums(gradient) : nil) }
        if let rowBias { gradients.append(rowBias.requiresGradient ? sumOverPositions(gradient) : nil) }
        if residual != nil { gradients.append(gradient) }
        return gradients
    }
}

private func packedConvolution(
    _ weight: Parameter,
    geometry: ConvolutionGeometry,
    height: Int,
    width: Int
) -> PackedConvolution {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let method = PackedConvolution.method(
        for: geometry,
        inputs: inputs,
        outputs: outputs,
        height: height,
        width: width
    )
    let key = "convolution.\(method.rawValue).\(Engine.current.instructionSet.rawValue)"
    return weight.packed(key) { stored, values in
        if let stored {
            return PackedConvolution(
                data: stored,
                outputs: outputs,
                inputs: inputs,
                geometry: geometry,
                method: method
            )
        }
        return PackedConvolution(values()[0], geometry: geometry, method: method)
    }
}

/// `[B, H, W, C]` → `[B, C]`.
private func sumOverPositions(_ x: Tensor) -> Tensor {
    let (batch, channels) = (x.shape[0], x.shape[3])
    let result = Tensor(uninitialized: [batch, channels])
    for item in 0..<batch {
        let sums = Tensors.columnSums(x.rows(item..<item + 1))
        (result.pointer + item * channels).update(from: sums.pointer, count: channels)
    }
    return result
}
