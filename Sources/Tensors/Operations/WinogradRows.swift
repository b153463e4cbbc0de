import CKernels

extension WinogradConvolution {
    /// F(2, 3) along rows: in each of four planes a convolution with a window of 3 rows and 1 column.
    func runAlongRows() {
        let kernels = Kernels()
        let zeros = Tensor(zeros: [weight.inputs])
        var block = description(zeros: zeros, kernels)
        let (height, outHeight, batch) = (x.shape[1], y.shape[1], x.shape[0])
        let across = (y.shape[2] + 1) / 2
        let v = Tensor(uninitialized: [4, batch * height * across, weight.inputs])
        let m = Tensor(uninitialized: [4, batch * outHeight * across, weight.outputs])
        block.tiles_across = Int64(across)
        (block.v, block.v_plane) = (v.pointer, Int64(v.count / 4))
        (block.m, block.m_plane) = (m.pointer, Int64(m.count / 4))
        let shared = block
        kernels.pool.run(count: batch * height) { row in
            var block = shared
            kernels.table.winograd_rows_input(&block, Int64(row), Int64(row + 1))
        }
        var image = percept_image(
            height: Int64(height),
            width: Int64(across),
            channels: Int64(weight.inputs),
            output_height: Int64(outHeight),
            output_width: Int64(across),
            kernel_height: 3,
            kernel_width: 1,
            stride: 1,
            top: Int64(weight.geometry.padding.top),
            left: 0,
            zeros: zeros.pointer
        )
        withUnsafePointer(to: &image) { image in
            kernels.run(
                (0..<4).map { plane in
                    var product = percept_product(
                        rows: batch * outHeight * across,
                        columns: weight.outputs,
                        inner: 3 * weight.inputs,
                        a: v.pointer + plane * v.count / 4,
                        aStride: weight.inputs,
                        b: weight.data.pointer + plane * weight.data.count / 4,
                        c: m.pointer + plane * m.count / 4,
                        cStride: weight.outputs
                    )
                    product.image = image
                    return product
                }
            )
        }
        kernels.pool.run(count: batch * outHeight) { row in
            var block = shared
            kernels.table.winograd_rows_output(&block, Int64(row), Int64(row + 1))
        }
        withExtendedLifetime((self, zeros, v, m)) {}
    }
}
