import CKernels

/// A Winograd convolution: input tiles to planes, a product in each plane, planes to output tiles.
struct WinogradConvolution {
    let x: Tensor
    let weight: PackedConvolution
    let bias, rowBias, residual: Tensor?
    let y: Tensor

    /// Weights up to this size stay in the last-level cache, and small blocks of tiles pass by them.
    private static let cachedWeightBytes = 12 << 20
    private static let smallBlock = 32
    /// Weights beyond that come from memory once for each large block, whose planes are at most of this size.
    private static let largeBlockBytes = 40 << 20
    private static let transformTiles = 4
    /// Planes start on different cache sets, and so do the rows of a plane.
    private static let padding = 16

    func run() {
        let kernels = Kernels()
        let zeros = Tensor(zeros: [weight.inputs])
        let block = description(zeros: zeros, kernels)
        let tiles = y.shape[0] * Int(block.tiles_down * block.tiles_across)
        let weightBytes = weight.data.count * MemoryLayout<Float>.stride
        if weightBytes <= Self.cachedWeightBytes, tiles >= 4 * Self.smallBlock {
            runSmallBlocks(block, tiles: tiles, kernels)
        } else {
            runLargeBlocks(block, tiles: tiles, kernels)
        }
        withExtendedLifetime((self, zeros)) {}
    }

    /// Each job takes a small block of tiles through all three phases, in scratch memory that its core keeps cached.
    private func runSmallBlocks(_ block: percept_winograd, tiles: Int, _ kernels: Kernels) {
        let step = Self.smallBlock
        let layout = PlaneLayout(weight, tiles: step, padding: Self.padding)
        let jobs = (tiles + step - 1) / step
        let scratch = ScratchPool(count: layout.count, slots: min(jobs, kernels.pool.threads))
        let panels = kernels.panels(columns: weight.outputs)
        kernels.pool.run(count: jobs) { job in
            scratch.withScratch { memory in
                var block = layout.block(block, in: memory)
                block.first_tile = Int64(job * step)
                let count = Int64(min(step, tiles - job * step))
                kernels.table.winograd_input(&block, 0, count)
                kernels.table.winograd_products(&block, count, 0, Int64(weight.method.planes), 0, Int64(panels))
                kernels.table.winograd_output(&block, 0, count)
            }
        }
    }

    /// All threads share a block, so that the weights are read once for many tiles.
    private func runLargeBlocks(_ block: percept_winograd, tiles: Int, _ kernels: Kernels) {
        let planes = weight.method.planes
        let bytes = tiles * PlaneLayout(weight, tiles: 1, padding: 0).count * MemoryLayout<Float>.stride
        let blocks = (bytes + Self.largeBlockBytes - 1) / Self.largeBlockBytes
        let blockTiles = (tiles + blocks - 1) / blocks
        let layout = PlaneLayout(weight, tiles: blockTiles, padding: Self.padding)
        let memory = Tensor(uninitialized: [layout.count])
        var block = layout.block(block, in: memory.pointer)
        let panels = kernels.panels(columns: weight.outputs)
        let groups = min(panels, 2)
        for first in stride(from: 0, to: tiles, by: blockTiles) {
            let count = min(blockTiles, tiles - first)
            block.first_tile = Int64(first)
            let step = Self.transformTiles
            let shared = block
            kernels.pool.run(count: (count + step - 1) / step) { job in
                var block = shared
                kernels.table.winograd_input(&block, Int64(job * step), Int64(min(count, (job + 1) * step)))
            }
            kernels.pool.run(count: planes / 2 * groups) { job in
                var block = shared
                let (pair, group) = job.quotientAndRemainder(dividingBy: groups)
                let panelRange = (Int64(group * panels / groups), Int64((group + 1) * panels / groups))
                let first = Int64(2 * pair)
                kernels.table.winograd_products(&block, Int64(count), first, first + 2, panelRange.0, panelRange.1)
            }
            kernels.pool.run(count: (count + step - 1) / step) { job in
                var block = shared
                kernels.table.winograd_output(&block, Int64(job * step), Int64(min(count, (job + 1) * step)))
            }
        }
        withExtendedLifetime(memory) {}
    }

    func description(zeros: Tensor, _ kernels: Kernels) -> percept_winograd {
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
        block.u = UnsafePointer(weight.data.pointer)
        block.u_plane = Int64(kernels.packedCount(inner: weight.inputs, columns: weight.outputs))
        return block
    }
}

/// Where the planes of transformed input and of products lie in a block's memory.
private struct PlaneLayout {
    let inputStride, inputPlane, outputStride, outputPlane, planes: Int

    init(_ weight: PackedConvolution, tiles: Int, padding: Int) {
        planes = weight.method.planes
        inputStride = weight.inputs + padding
        outputStride = weight.outputs + padding
        inputPlane = tiles * inputStride + padding
        outputPlane = tiles * outputStride + padding
    }

    /// Floats in all planes.
    var count: Int { planes * (inputPlane + outputPlane) }

    func block(_ block: percept_winograd, in memory: UnsafeMutablePointer<Float>) -> percept_winograd {
        var block = block
        (block.v, block.v_stride, block.v_plane) = (memory, Int64(inputStride), Int64(inputPlane))
        block.m = memory + planes * inputPlane
        (block.m_stride, block.m_plane) = (Int64(outputStride), Int64(outputPlane))
        return block
    }
}
