import COpenBLAS

/// Products of row-major matrices in float64, on the calling thread.
enum MatrixProduct {
    /// `A · B` of `[rows, inner]` and `[inner, columns]`.
    static func plain(_ a: [Double], _ b: [Double], rows: Int, inner: Int, columns: Int) -> [Double] {
        precondition(a.count == rows * inner && b.count == inner * columns)
        var result = [Double](repeating: 0, count: rows * columns)
        add(a, (CblasNoTrans, inner), b, (CblasNoTrans, columns), rows, inner, columns, to: &result)
        return result
    }

    /// `A · Bᵀ` of `[rows, inner]` and `[columns, inner]`.
    static func transposedRight(_ a: [Double], _ b: [Double], rows: Int, inner: Int, columns: Int) -> [Double] {
        var result = [Double](repeating: 0, count: rows * columns)
        addTransposedRight(a, b, rows: rows, inner: inner, columns: columns, to: &result)
        return result
    }

    /// Adds `A · Bᵀ` of `[rows, inner]` and `[columns, inner]`.
    static func addTransposedRight(
        _ a: [Double],
        _ b: [Double],
        rows: Int,
        inner: Int,
        columns: Int,
        to result: inout [Double]
    ) {
        precondition(a.count == rows * inner && b.count == columns * inner && result.count == rows * columns)
        add(a, (CblasNoTrans, inner), b, (CblasTrans, inner), rows, inner, columns, to: &result)
    }

    /// `Aᵀ · B` of `[inner, rows]` and `[inner, columns]`.
    static func transposedLeft(_ a: [Double], _ b: [Double], inner: Int, rows: Int, columns: Int) -> [Double] {
        precondition(a.count == inner * rows && b.count == inner * columns)
        var result = [Double](repeating: 0, count: rows * columns)
        add(a, (CblasTrans, rows), b, (CblasNoTrans, columns), rows, inner, columns, to: &result)
        return result
    }

    private static func add(
        _ a: [Double],
        _ layoutA: (CBLAS_TRANSPOSE, stride: Int),
        _ b: [Double],
        _ layoutB: (CBLAS_TRANSPOSE, stride: Int),
        _ rows: Int,
        _ inner: Int,
        _ columns: Int,
        to result: inout [Double]
    ) {
        guard rows > 0, columns > 0, inner > 0 else { return }
        cblas_dgemm(
            CblasRowMajor,
            layoutA.0,
            layoutB.0,
            Int32(rows),
            Int32(columns),
            Int32(inner),
            1,
            a,
            Int32(layoutA.stride),
            b,
            Int32(layoutB.stride),
            1,
            &result,
            Int32(columns)
        )
    }
}
