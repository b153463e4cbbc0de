import CKernels

/// The gradient of a convolution at its image, from the gradient `dy` of its result.
/// - Parameters:
///   - weight: `[outputs, inputs, kernel, kernel]`.
///   - inputShape: the shape `[B, H, W, inputs]` of the image.
public func convolutionInputGradient(
    _ dy: Tensor,
    weight: Tensor,
    geometry: ConvolutionGeometry,
    inputShape: [Int]
) -> Tensor {
    precondition(dy.columns == weight.shape[0], "A gradient of shape \(dy.shape) does not fit \(weight.shape).")
    let padding = geometry.padding
    let reach = geometry.kernel - 1
    let isMirrored =
        geometry.stride == 1 && padding.top <= reach && padding.left <= reach && padding.bottom <= reach
        && padding.right <= reach
    guard isMirrored else {
        return scatteredInputGradient(dy, weight: weight, geometry: geometry, inputShape: inputShape)
    }
    // At stride 1 it is the convolution of dy with the mirrored weight, inputs and outputs exchanged.
    let mirrored = ConvolutionGeometry(
        kernel: geometry.kernel,
        padding: Padding(
            top: reach - padding.top,
            left: reach - padding.left,
            bottom: reach - padding.bottom,
            right: reach - padding.right
        )
    )
    let preferred = PackedConvolution.method(
        for: mirrored,
        inputs: weight.shape[0],
        outputs: weight.shape[1],
        height: dy.shape[1],
        width: dy.shape[2]
    )
    // Packed for one use, the weights cost more to transform than the product along rows saves.
    let method = preferred == .winogradRows ? .direct : preferred
    let packed = PackedConvolution(ConvolutionWeight(weight, mirrored: true), geometry: mirrored, method: method)
    return convolution(dy, packed, bias: nil)
}

/// The input gradient for any geometry: the gradients of all windows, then their sums where windows overlap.
private func scatteredInputGradient(
    _ dy: Tensor,
    weight: Tensor,
    geometry: ConvolutionGeometry,
    inputShape: [Int]
) -> Tensor {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let (kernel, stride) = (geometry.kernel, geometry.stride)
    let (_, outHeight, outWidth, _) = imageShape(dy)
    let (height, width) = (inputShape[1], inputShape[2])
    // Channels innermost, so that windows are sums of rows.
    let taps = kernel * kernel
    let matrix = transposeLast2(weight.reshaped([outputs, inputs, taps])).reshaped([outputs, taps * inputs])
    let windows = matrixMultiply(dy.reshaped([dy.rowCount, outputs]), matrix)
    let dx = Tensor(zeros: inputShape)
    let kernels = Kernels()
    kernels.pool.run(count: inputShape[0] * height) { job in
        let (item, y) = job.quotientAndRemainder(dividingBy: height)
        for ky in 0..<kernel {
            let (outY, offGrid) = (y + geometry.padding.top - ky).quotientAndRemainder(dividingBy: stride)
            guard offGrid == 0, outY >= 0, outY < outHeight, y + geometry.padding.top >= ky else { continue }
            for outX in 0..<outWidth {
                for kx in 0..<kernel {
                    let x = outX * stride - geometry.padding.left + kx
                    guard x >= 0, x < width else { continue }
                    let target = dx.pointer + (job * width + x) * inputs
                    let window = (item * outHeight + outY) * outWidth + outX
                    let source = windows.pointer + (window * taps + ky * kernel + kx) * inputs
                    kernels.table.add(target, target, source, Int64(inputs))
                }
            }
        }
    }
    return withExtendedLifetime(windows) { dx }
}
