import CKernels

/// The convolution of a channel-last image `[B, H, W, inputs]`, plus its terms.
/// - Parameters:
///   - bias: `[outputs]`.
///   - rowBias: `[B, outputs]`, added to every pixel of an item, for instance a time embedding.
///   - residual: added last; has the shape of the result.
public func convolution(
    _ x: Tensor,
    _ w: PackedConvolution,
    bias: Tensor?,
    rowBias: Tensor? = nil,
    residual: Tensor? = nil
) -> Tensor {
    let (batch, height, width, channels) = imageShape(x)
    precondition(channels == w.inputs, "A convolution of \(w.inputs) channels does not fit shape \(x.shape).")
    let size = w.geometry.outputSize(height: height, width: width)
    precondition(size.height > 0 && size.width > 0, "An image of shape \(x.shape) is smaller than the window.")
    let y = Tensor(uninitialized: [batch, size.height, size.width, w.outputs])
    precondition(bias.map { $0.count == w.outputs } ?? true, "A bias has \(w.outputs) elements.")
    precondition(
        rowBias.map { $0.count == batch * w.outputs } ?? true,
        "A row bias has shape [\(batch), \(w.outputs)]."
    )
    precondition(residual.map { $0.count == y.count } ?? true, "A residual has shape \(y.shape).")
    switch w.method {
    case .direct:
        directConvolution(x, w.data, geometry: w.geometry, bias: bias, rowBias: rowBias, residual: residual, into: y)
    case .winogradRows:
        WinogradConvolution(x: x, weight: w, bias: bias, rowBias: rowBias, residual: residual, y: y).runAlongRows()
    case .winograd2, .winograd4:
        WinogradConvolution(x: x, weight: w, bias: bias, rowBias: rowBias, residual: residual, y: y).run()
    }
    return y
}

/// A convolution as a matrix product whose rows are windows.
func directConvolution(
    _ x: Tensor,
    _ packed: Tensor,
    geometry: ConvolutionGeometry,
    bias: Tensor?,
    rowBias: Tensor?,
    residual: Tensor?,
    into y: Tensor
) {
    let zeros = Tensor(zeros: [x.columns])
    var image = windowedImage(x, geometry: geometry, output: y, zeros: zeros)
    let outputs = y.columns
    withUnsafePointer(to: &image) { image in
        var product = percept_product(
            rows: y.rowCount,
            columns: outputs,
            inner: geometry.kernel * geometry.kernel * x.columns,
            a: x.pointer,
            aStride: x.columns,
            b: packed.pointer,
            c: y.pointer,
            cStride: outputs
        )
        if geometry != ConvolutionGeometry(kernel: 1, padding: Padding(0)) || rowBias != nil { product.image = image }
        product.bias = bias.map { UnsafePointer($0.pointer) }
        product.item_bias = rowBias.map { UnsafePointer($0.pointer) }
        product.residual = residual.map { UnsafePointer($0.pointer) }
        product.residual_stride = Int64(outputs)
        withExtendedLifetime((x, packed, zeros, bias, rowBias, residual)) { Kernels().run([product]) }
    }
}

private func windowedImage(
    _ x: Tensor,
    geometry: ConvolutionGeometry,
    output: Tensor,
    zeros: Tensor
) -> percept_image {
    percept_image(
        height: Int64(x.shape[1]),
        width: Int64(x.shape[2]),
        channels: Int64(x.columns),
        output_height: Int64(output.shape[1]),
        output_width: Int64(output.shape[2]),
        kernel_height: Int64(geometry.kernel),
        kernel_width: Int64(geometry.kernel),
        stride: Int64(geometry.stride),
        top: Int64(geometry.padding.top),
        left: Int64(geometry.padding.left),
        zeros: zeros.pointer
    )
}
