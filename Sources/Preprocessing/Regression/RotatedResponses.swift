import Tensors

/// The responses of all voxels, turned by the rotations that made a design triangular.
///
/// It keeps Qᵀy, p×V, and for the latest volume what the rotations left of each response: the innovation, whose square
/// is what the volume adds to the residual sum of squares.
struct RotatedResponses: Sendable {
    /// Voxels per job; fixed, so that results do not depend on the number of threads.
    static let blockSize = 1024

    /// The number V of voxels.
    let voxels: Int
    /// Qᵀy by rows, p×V.
    private(set) var parts: [Double]
    /// The innovations of the latest volume, V.
    private(set) var innovations: [Double]
    /// The residual sum of squares of each voxel, V.
    private(set) var residualSquares: [Double]

    init(regressors: Int, voxels: Int) {
        self.voxels = voxels
        parts = [Double](repeating: 0, count: regressors * voxels)
        innovations = [Double](repeating: 0, count: voxels)
        residualSquares = [Double](repeating: 0, count: voxels)
    }

    /// Applies the rotations of the latest row to the responses, whitened.
    mutating func absorb(
        _ responses: UnsafeBufferPointer<Float>,
        whitening: Prewhitening,
        factor: TriangularFactor,
        forgetting: Double,
        pool: ThreadPool
    ) {
        let voxels = voxels
        let fading = factor.fading
        whitening.load(responses, into: &innovations)
        Self.withPointers(&parts, &innovations, &residualSquares, factor.rotations) { parts, rest, squares, rotations in
            Self.forBlocks(of: voxels, pool: pool) { start, count in
                let rest = rest + start
                for pivot in 0..<rotations.count {
                    let rotation = rotations[pivot]
                    if rotation.isSkipped || rotation.sine == 0 && fading == 1 { continue }
                    Self.rotate(parts + (pivot * voxels + start), rest, count: count, rotation, fading: fading)
                }
                let squares = squares + start
                for voxel in 0..<count {
                    squares[voxel] = forgetting * squares[voxel] + rest[voxel] * rest[voxel]
                }
            }
        }
    }

    /// Gives `body` the sum over k of `weights[k]`·(Qᵀy)ₖ of each voxel, by blocks of voxels on all threads.
    func combine(
        _ weights: UnsafeBufferPointer<Double>,
        pool: ThreadPool,
        _ body: (_ start: Int, _ sums: UnsafeMutableBufferPointer<Double>) -> Void
    ) {
        let voxels = voxels
        parts.withUnsafeBufferPointer { parts in
            Self.forBlocks(of: voxels, pool: pool) { start, count in
                withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { sums in
                    sums.initialize(repeating: 0)
                    for pivot in 0..<weights.count where weights[pivot] != 0 {
                        let weight = weights[pivot]
                        let base = pivot * voxels + start
                        for voxel in 0..<count { sums[voxel] += weight * parts[base + voxel] }
                    }
                    body(start, sums)
                }
            }
        }
    }

    /// Runs `body` for each block of voxels.
    static func forBlocks(of voxels: Int, pool: ThreadPool, _ body: (_ start: Int, _ count: Int) -> Void) {
        pool.run(count: (voxels + blockSize - 1) / blockSize) { block in
            let start = block * blockSize
            body(start, min(blockSize, voxels - start))
        }
    }

    private static func rotate(
        _ above: UnsafeMutablePointer<Double>,
        _ rest: UnsafeMutablePointer<Double>,
        count: Int,
        _ rotation: GivensRotation,
        fading: Double
    ) {
        let (c, s) = (rotation.cosine, rotation.sine)
        let (fadedCosine, fadedSine) = (c * fading, s * fading)
        for voxel in 0..<count {
            let (part, value) = (above[voxel], rest[voxel])
            above[voxel] = fadedCosine * part + s * value
            rest[voxel] = c * value - fadedSine * part
        }
    }

    private static func withPointers(
        _ parts: inout [Double],
        _ rest: inout [Double],
        _ squares: inout [Double],
        _ rotations: [GivensRotation],
        _ body: (
            UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>,
            UnsafeBufferPointer<GivensRotation>
        ) -> Void
    ) {
        parts.withUnsafeMutableBufferPointer { parts in
            rest.withUnsafeMutableBufferPointer { rest in
                squares.withUnsafeMutableBufferPointer { squares in
                    rotations.withUnsafeBufferPointer { rotations in
                        guard let rest = rest.baseAddress, let squares = squares.baseAddress else { return }
                        // Without regressors there are no parts, and none are touched.
                        body(parts.baseAddress ?? rest, rest, squares, rotations)
                    }
                }
            }
        }
    }

    func save(to state: inout StateWriter) {
        state.write(parts)
        state.write(residualSquares)
    }

    mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        let parts = try state.doubles(parts.count)
        residualSquares = try state.doubles(voxels)
        self.parts = parts
    }
}
