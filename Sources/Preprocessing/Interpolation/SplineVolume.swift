import CKernels
import Neuroimaging
import Synchronization
import Tensors

/// A volume as cubic B-splines: a smooth function that passes through every voxel.
///
/// Beyond its edges the volume is mirrored (Unser, IEEE Signal Processing Magazine 16(6), 1999). The buffers are reused from volume to volume.
public struct SplineVolume: Sendable {
    /// Where the voxels are.
    public private(set) var grid: VoxelGrid
    /// The coefficients, x fastest.
    public private(set) var coefficients: [Float]
    private var scratch: [Float]

    /// Makes room for volumes on a grid.
    public init(grid: VoxelGrid) {
        self.grid = grid
        coefficients = [Float](repeating: 0, count: grid.count)
        scratch = []
    }

    /// Fits a volume.
    public init(_ volume: Volume, kernels: VolumeKernels) {
        self.init(grid: volume.grid)
        volume.voxels.withUnsafeBufferPointer { fit($0, kernels: kernels) }
    }

    /// Fits the voxels of a volume on the grid: afterwards the function passes through them.
    public mutating func fit(_ voxels: UnsafeBufferPointer<Float>, kernels: VolumeKernels) {
        precondition(voxels.count == grid.count, "a spline is fitted to a volume of its own grid")
        let (nx, ny, nz) = (grid.shape.x, grid.shape.y, grid.shape.z)
        let slice = nx * ny
        let table = kernels.table.pointee
        let general = kernels.general.pointee
        if scratch.count < slice * nz { scratch = [Float](repeating: 0, count: slice * nz) }
        coefficients.withUnsafeMutableBufferPointer { coefficients in
            scratch.withUnsafeMutableBufferPointer { scratch in
                guard let to = coefficients.baseAddress, let spare = scratch.baseAddress, let from = voxels.baseAddress
                else { return }
                kernels.pool.run(count: nz) { (z: Int) in
                    let (lines, rows) = (spare + z * slice, to + z * slice)
                    general.transpose(lines, Int64(ny), from + z * slice, Int64(nx), Int64(ny), Int64(nx))
                    table.spline_filter(lines, Int64(nx), Int64(ny), Int64(ny))
                    general.transpose(rows, Int64(nx), lines, Int64(ny), Int64(nx), Int64(ny))
                    table.spline_filter(rows, Int64(ny), Int64(nx), Int64(nx))
                }
                kernels.pool.run(count: ny) { (y: Int) in
                    table.spline_filter(to + y * nx, Int64(nz), Int64(slice), Int64(nx))
                }
            }
        }
    }

    /// Becomes another volume smoothed with a Gaussian of a full width at half maximum in mm.
    ///
    /// The coefficients are smoothed: convolution commutes with the spline's filter.
    public mutating func smooth(_ other: SplineVolume, fullWidth: Double, kernels: VolumeKernels) {
        precondition(other.grid.shape == grid.shape, "volumes of one shape are smoothed into each other")
        let (nx, ny, nz) = (grid.shape.x, grid.shape.y, grid.shape.z)
        let slice = nx * ny
        let table = kernels.table.pointee
        let taps = (0..<3).map { GaussianTaps(fullWidth: fullWidth, voxelSize: grid.voxelSize[$0]) }
        let row = nx + 2 * taps[0].radius
        let spare = slice + row
        if scratch.count < spare * nz { scratch = [Float](repeating: 0, count: spare * nz) }
        coefficients.withUnsafeMutableBufferPointer { coefficients in
            scratch.withUnsafeMutableBufferPointer { scratch in
                other.coefficients.withUnsafeBufferPointer { source in
                    guard let to = coefficients.baseAddress, let work = scratch.baseAddress,
                        let from = source.baseAddress
                    else { return }
                    kernels.pool.run(count: ny) { (y: Int) in
                        table.convolve(
                            to + y * nx,
                            from + y * nx,
                            Int64(nz),
                            Int64(slice),
                            Int64(nx),
                            taps[2].values,
                            Int64(taps[2].radius)
                        )
                    }
                    kernels.pool.run(count: nz) { (z: Int) in
                        let (lines, rows) = (work + z * spare, to + z * slice)
                        table.convolve_rows(
                            lines,
                            rows,
                            Int64(ny),
                            Int64(nx),
                            taps[0].values,
                            Int64(taps[0].radius),
                            lines + slice
                        )
                        table.convolve(
                            rows,
                            lines,
                            Int64(ny),
                            Int64(nx),
                            Int64(nx),
                            taps[1].values,
                            Int64(taps[1].radius)
                        )
                    }
                }
            }
        }
    }

    /// Reads the function at points.
    ///
    /// - Parameters:
    ///   - values: One for each point; it keeps its value where the point lies more than half a voxel outside.
    ///   - points: Where to read.
    ///   - map: From the points' space to this volume's voxel indices.
    /// - Returns: The number of points outside.
    @discardableResult
    public func sample(
        _ values: inout [Float],
        at points: PointCloud,
        map: Affine,
        kernels: VolumeKernels
    ) -> Int {
        precondition(values.count == points.count, "one value is read at each point")
        let table = kernels.table.pointee
        let block = 1024
        let count = points.count
        let shape = [Int64(grid.shape.x), Int64(grid.shape.y), Int64(grid.shape.z)]
        let rows = map.floats
        let outside = Atomic<Int>(0)
        values.withUnsafeMutableBufferPointer { values in
            points.coordinates.withUnsafeBufferPointer { points in
                coefficients.withUnsafeBufferPointer { coefficients in
                    guard let to = values.baseAddress, let points = points.baseAddress else { return }
                    kernels.pool.run(count: (count + block - 1) / block) { (index: Int) in
                        let first = index * block
                        let missing = table.sample(
                            to + first,
                            coefficients.baseAddress,
                            shape,
                            points + first,
                            Int64(count),
                            Int64(min(block, count - first)),
                            rows
                        )
                        outside.add(Int(missing), ordering: .relaxed)
                    }
                }
            }
        }
        return outside.load(ordering: .relaxed)
    }
}
