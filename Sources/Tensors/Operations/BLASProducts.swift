import COpenBLAS

/// Products of general matrices where no vector kernels of our own exist.
///
/// OpenBLAS has kernels for every processor that it knows. On processors with AVX2 or AVX-512 ours are faster, most of
/// all on those that are newer than it (Docs/performance.md).
struct BLASProduct {
    let a, b: UnsafePointer<Float>
    let c: UnsafeMutablePointer<Float>
    let rows, columns, inner: Int
    let transposeA, transposeB: Bool
    let scale: Float
    let accumulates: Bool

    /// Rows of the result that make one job: fixed, so that results do not depend on the number of threads.
    private static let rowsPerJob = 128

    /// Computes the product, block by block of rows, on the threads of the pool.
    func run(on pool: ThreadPool) {
        let step = Self.rowsPerJob
        pool.run(count: (rows + step - 1) / step) { job in
            let first = job * step
            cblas_sgemm(
                CblasRowMajor,
                transposeA ? CblasTrans : CblasNoTrans,
                transposeB ? CblasTrans : CblasNoTrans,
                Int32(min(step, rows - first)),
                Int32(columns),
                Int32(inner),
                scale,
                transposeA ? a + first : a + first * inner,
                Int32(transposeA ? rows : inner),
                b,
                Int32(transposeB ? inner : columns),
                accumulates ? 1 : 0,
                c + first * columns,
                Int32(columns)
            )
        }
    }
}
