import CKernels
import Foundation

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
    let method = PackedConvolution.method(
        for: mirrored,
        inputs: weight.shape[0],
        outputs: weight.shape[1],
        height: dy.shape[1],
        width: dy.shape[2]
    )
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

/// The gradient `[outputs, inputs, kernel, kernel]` of a convolution at its weight.
public func convolutionWeightGradient(_ dy: Tensor, _ x: Tensor, geometry: ConvolutionGeometry) -> Tensor {
    let (_, _, _, outputs) = imageShape(dy)
    let (_, _, _, inputs) = imageShape(x)
    let taps = geometry.kernel * geometry.kernel
    let byTap =
        geometry.stride == 1
        ? slidingWeightGradient(dy, x, geometry: geometry) : windowedWeightGradient(dy, x, geometry: geometry)
    // [taps, inputs, outputs] to [outputs, inputs, taps].
    let result = Tensor(uninitialized: [outputs, inputs, geometry.kernel, geometry.kernel])
    let kernels = Kernels()
    kernels.pool.run(count: (inputs + 15) / 16) { job in
        for input in job * 16..<min(inputs, job * 16 + 16) {
            for tap in 0..<taps {
                let source = byTap.pointer + (tap * inputs + input) * outputs
                let target = result.pointer + input * taps + tap
                for output in 0..<outputs { target[output * inputs * taps] = source[output] }
            }
        }
    }
    return withExtendedLifetime(byTap) { result }
}

/// The weight gradient at stride 1.
///
/// With the channels of the padded image as rows, the pixels that a tap sees are the same rows from another start on,
/// so the image is never unfolded: every tap is a product of shifted rows with dy, which is padded to the same width.
private func slidingWeightGradient(_ dy: Tensor, _ x: Tensor, geometry: ConvolutionGeometry) -> Tensor {
    let (batch, height, width, inputs) = imageShape(x)
    let (_, outHeight, outWidth, outputs) = imageShape(dy)
    let (kernel, padding) = (geometry.kernel, geometry.padding)
    let paddedWidth = width + padding.left + padding.right
    let plane = (height + padding.top + padding.bottom) * paddedWidth
    let inner = batch * plane
    let kernels = Kernels()
    let slack = kernel * paddedWidth + kernel
    let planes = Tensor(zeros: [inputs, inner + slack])
    let spread = Tensor(zeros: [inner, outputs])
    kernels.pool.run(count: batch * height) { job in
        let (item, row) = job.quotientAndRemainder(dividingBy: height)
        kernels.table.transpose(
            planes.pointer + item * plane + (row + padding.top) * paddedWidth + padding.left,
            Int64(inner + slack),
            x.pointer + job * width * inputs,
            Int64(inputs),
            Int64(width),
            Int64(inputs)
        )
    }
    kernels.pool.run(count: batch * outHeight) { job in
        let (item, row) = job.quotientAndRemainder(dividingBy: outHeight)
        let target = spread.pointer + (item * plane + row * paddedWidth) * outputs
        memcpy(target, dy.pointer + job * outWidth * outputs, 4 * outWidth * outputs)
    }
    let packed = Tensor(uninitialized: [kernels.packedCount(inner: inner, columns: outputs)])
    kernels.pack(
        spread.pointer,
        kStride: outputs,
        nStride: 1,
        inner: inner,
        columns: outputs,
        into: packed.pointer
    )
    let result = Tensor(uninitialized: [kernel * kernel, inputs, outputs])
    let products = (0..<kernel * kernel).map { tap in
        percept_product(
            rows: inputs,
            columns: outputs,
            inner: inner,
            a: planes.pointer + tap / kernel * paddedWidth + tap % kernel,
            aStride: inner + slack,
            b: packed.pointer,
            c: result.pointer + tap * inputs * outputs,
            cStride: outputs
        )
    }
    withExtendedLifetime((planes, spread, packed)) { kernels.run(products) }
    return result
}

/// The weight gradient for any stride, from a copy of all windows.
private func windowedWeightGradient(_ dy: Tensor, _ x: Tensor, geometry: ConvolutionGeometry) -> Tensor {
    let (batch, height, width, inputs) = imageShape(x)
    let (_, outHeight, outWidth, outputs) = imageShape(dy)
    let (kernel, stride) = (geometry.kernel, geometry.stride)
    let taps = kernel * kernel
    let windows = Tensor(uninitialized: [batch * outHeight * outWidth, taps * inputs])
    Kernels().pool.run(count: batch * outHeight) { job in
        let (item, outY) = job.quotientAndRemainder(dividingBy: outHeight)
        for outX in 0..<outWidth {
            let target = windows.pointer + (job * outWidth + outX) * taps * inputs
            for tap in 0..<taps {
                let y = outY * stride - geometry.padding.top + tap / kernel
                let column = outX * stride - geometry.padding.left + tap % kernel
                if y >= 0, y < height, column >= 0, column < width {
                    let source = x.pointer + ((item * height + y) * width + column) * inputs
                    memcpy(target + tap * inputs, source, 4 * inputs)
                } else {
                    memset(target + tap * inputs, 0, 4 * inputs)
                }
            }
        }
    }
    let matrix = dy.reshaped([dy.rowCount, outputs])
    return matrixMultiply(windows, matrix, transposeA: true).reshaped([taps, inputs, outputs])
}
