import CKernels

/// A Winograd convolution: input tiles to planes, a product in each plane, planes to output tiles.
///
/// Tiles are taken in blocks whose planes stay in the last-level cache.
struct WinogradConvolution {
    let x: Tensor
    let weight: PackedConvolution
    let bias, rowBias, residual: Tensor?
    let y: Tensor

    private static let blockBytes = 16 << 20
    private static let transformTiles = 4
    /// Planes start on different cache sets, and so do the rows of a plane.
    private static let padding = 16

    func run() {
        let kernels = Kernels()
        let planes = weight.method.planes
        let zeros = Tensor(zeros: [weight.inputs])
        var block = description(zeros: zeros)
        let tiles = y.shape[0] * Int(block.tiles_down * block.tiles_across)
        let tileBytes = planes * (weight.inputs + weight.outputs) * MemoryLayout<Float>.stride
        let blocks = max(1, (tiles * tileBytes + Self.blockBytes / 2) / Self.blockBytes)
        let blockTiles = (tiles + blocks - 1) / blocks
        let (vStride, mStride) = (weight.inputs + Self.padding, weight.outputs + Self.padding)
        let (vPlane, mPlane) = (blockTiles * vStride + Self.padding, blockTiles * mStride + Self.padding)
        let v = Tensor(uninitialized: [planes, vPlane])
        let m = Tensor(uninitialized: [planes, mPlane])
        (block.v, block.v_stride, block.v_plane) = (v.pointer, Int64(vStride), Int64(vPlane))
        (block.m, block.m_stride, block.m_plane) = (m.pointer, Int64(mStride), Int64(mPlane))
        for first in stride(from: 0, to: tiles, by: blockTiles) {
            let count = min(blockTiles, tiles - first)
            block.first_tile = Int64(first)
            forEachGroup(of: count, kernels) {
                kernels.table.winograd_input(&$0, $1, $2)
            } block: {
                block
            }
            kernels.run(products(v, m, rows: count, vStride: vStride, mStride: mStride, kernels))
            forEachGroup(of: count, kernels) {
                kernels.table.winograd_output(&$0, $1, $2)
            } block: {
                block
            }
        }
        withExtendedLifetime((self, zeros, v, m)) {}
    }

    private func forEachGroup(
        of count: Int,
        _ kernels: Kernels,
        _ transform: (inout percept_winograd, Int64, Int64) -> Void,
        block: () -> percept_winograd
    ) {
        let step = Self.transformTiles
        kernels.pool.run(count: (count + step - 1) / step) { job in
            var description = block()
            transform(&description, Int64(job * step), Int64(min(count, (job + 1) * step)))
        }
    }

    private func products(
        _ v: Tensor,
        _ m: Tensor,
        rows: Int,
        vStride: Int,
        mStride: Int,
        _ kernels: Kernels
    ) -> [percept_product] {
        let size = kernels.packedCount(inner: weight.inputs, columns: weight.outputs)
        return (0..<weight.method.planes).map { plane in
            percept_product(
                rows: rows,
                columns: weight.outputs,
                inner: weight.inputs,
                a: v.pointer + plane * v.shape[1],
                aStride: vStride,
                b: weight.data.pointer + plane * size,
                c: m.pointer + plane * m.shape[1],
                cStride: mStride
            )
        }
    }

    private func description(zeros: Tensor) -> percept_winograd {
        var block = percept_winograd()
        let tile = weight.method.tile
        block.tile = Int64(tile)
        block.x = UnsafePointer(x.pointer)
        block.y = y.pointer
        (block.height, block.width) = (Int64(x.shape[1]), Int64(x.shape[2]))
        (block.inputs, block.outputs) = (Int64(weight.inputs), Int64(weight.outputs))
        (block.top, block.left) = (Int64(weight.geometry.padding.top), Int64(weight.geometry.padding.left))
        (block.output_height, block.output_width) = (Int64(y.shape[1]), Int64(y.shape[2]))
        block.tiles_down = Int64((y.shape[1] + tile - 1) / tile)
        block.tiles_across = Int64((y.shape[2] + tile - 1) / tile)
        block.bias = bias.map { UnsafePointer($0.pointer) }
        block.item_bias = rowBias.map { UnsafePointer($0.pointer) }
        block.residual = residual.map { UnsafePointer($0.pointer) }
        block.zeros = UnsafePointer(zeros.pointer)
        return block
    }
}
