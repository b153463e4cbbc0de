import CKernels
import Foundation

/// The gradient `[outputs, inputs, kernel, kernel]` of a convolution at its weight, from the gradient `dy` of its
/// result and its image `x`.
///
/// It is the product of dyᵀ, `[outputs, pixels]`, with the windows of the image, `[pixels, inputs·kernel²]`.
public func convolutionWeightGradient(_ dy: Tensor, _ x: Tensor, geometry: ConvolutionGeometry) -> Tensor {
    let (batch, outHeight, outWidth, outputs) = imageShape(dy)
    let inputs = x.columns
    precondition(batch == x.shape[0], "Images of shape \(x.shape) have no gradients of shape \(dy.shape).")
    let pixels = batch * outHeight * outWidth
    let columns = inputs * geometry.kernel * geometry.kernel
    let packed = geometry.stride == 1 ? packedWindows(dy, x, geometry) : packedWindowCopies(dy, x, geometry)
    let transposed = transposeLast2(dy.reshaped([pixels, outputs]))
    let result = Tensor(uninitialized: [outputs, inputs, geometry.kernel, geometry.kernel])
    let product = percept_product(
        rows: outputs,
        columns: columns,
        inner: pixels,
        a: transposed.pointer,
        aStride: pixels,
        b: packed.pointer,
        c: result.pointer,
        cStride: columns
    )
    withExtendedLifetime((transposed, packed)) { Kernels().run([product]) }
    return result
}

/// The windows at stride 1 as a packed right-hand side.
///
/// In the padded planes of channels, the pixels that a tap sees are rows from another start on.
private func packedWindows(_ dy: Tensor, _ x: Tensor, _ geometry: ConvolutionGeometry) -> Tensor {
    let (batch, height, width, inputs) = imageShape(x)
    let (outHeight, outWidth) = (dy.shape[1], dy.shape[2])
    let (kernel, padding) = (geometry.kernel, geometry.padding)
    let paddedWidth = width + padding.left + padding.right
    let plane = (height + padding.top + padding.bottom) * paddedWidth
    let planes = Tensor(zeros: [inputs, batch * plane])
    let kernels = Kernels()
    kernels.pool.run(count: batch * height) { job in
        let (item, row) = job.quotientAndRemainder(dividingBy: height)
        kernels.table.transpose(
            planes.pointer + item * plane + (row + padding.top) * paddedWidth + padding.left,
            Int64(batch * plane),
            x.pointer + job * width * inputs,
            Int64(inputs),
            Int64(width),
            Int64(inputs)
        )
    }
    let columns = inputs * kernel * kernel
    let inner = batch * outHeight * outWidth
    let packed = Tensor(uninitialized: [kernels.packedCount(inner: inner, columns: columns)])
    let panelWidth = Int(kernels.table.panel_width)
    kernels.pool.run(count: (columns + panelWidth - 1) / panelWidth) { panel in
        kernels.table.pack_windows(
            packed.pointer + panel * panelWidth * inner,
            planes.pointer,
            Int64(batch * plane),
            Int64(plane),
            Int64(paddedWidth),
            Int64(kernel),
            Int64(batch),
            Int64(outHeight),
            Int64(outWidth),
            Int64(panel * panelWidth),
            Int64(min(panelWidth, columns - panel * panelWidth))
        )
    }
    return packed
}

/// The windows at any stride, copied and then packed.
private func packedWindowCopies(_ dy: Tensor, _ x: Tensor, _ geometry: ConvolutionGeometry) -> Tensor {
    let (_, height, width, inputs) = imageShape(x)
    let (batch, outHeight, outWidth, _) = imageShape(dy)
    let (kernel, stride) = (geometry.kernel, geometry.stride)
    let taps = kernel * kernel
    let inner = batch * outHeight * outWidth
    let windows = Tensor(uninitialized: [inner, inputs * taps])
    let kernels = Kernels()
    kernels.pool.run(count: batch * outHeight) { job in
        let (item, outY) = job.quotientAndRemainder(dividingBy: outHeight)
        for outX in 0..<outWidth {
            let target = windows.pointer + (job * outWidth + outX) * taps * inputs
            for tap in 0..<taps {
                let y = outY * stride - geometry.padding.top + tap / kernel
                let column = outX * stride - geometry.padding.left + tap % kernel
                let isInside = y >= 0 && y < height && column >= 0 && column < width
                let source = x.pointer + ((item * height + y) * width + column) * inputs
                for input in 0..<inputs { target[input * taps + tap] = isInside ? source[input] : 0 }
            }
        }
    }
    let columns = inputs * taps
    let packed = Tensor(uninitialized: [kernels.packedCount(inner: inner, columns: columns)])
    kernels.pack(
        windows.pointer,
        kStride: columns,
        nStride: 1,
        inner: inner,
        columns: columns,
        into: packed.pointer
    )
    return withExtendedLifetime(windows) { packed }
}
