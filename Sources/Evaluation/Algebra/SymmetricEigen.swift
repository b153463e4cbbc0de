import CLAPACK

/// The eigenvalues and eigenvectors of a real symmetric matrix, in float64.
public struct SymmetricEigen: Sendable {
    /// The number of rows.
    public let order: Int
    /// The eigenvalues, ascending.
    public let values: [Double]
    /// The eigenvectors, one per row, of length 1.
    public let vectors: [Double]

    /// Decomposes a matrix, row-major `[order, order]`, of which the upper triangle is read (LAPACK's `dsyevd`).
    /// - Returns: nil if the matrix has a value that is not finite, or if the iteration does not converge.
    public init?(_ matrix: [Double], order: Int) {
        precondition(matrix.count == order * order && order > 0, "\(matrix.count) values are not \(order)×\(order).")
        guard matrix.allSatisfy(\.isFinite) else { return nil }
        var vectors = matrix
        var values = [Double](repeating: 0, count: order)
        // A first call says how much room the second one needs. Row-major upper is Fortran's lower.
        var (room, integerRoom) = ([0.0], [Int32(0)])
        for isQuery in [true, false] {
            let status = Self.decompose(&vectors, order, &values, &room, &integerRoom, isQuery: isQuery)
            guard status == 0 else { return nil }
            guard isQuery else { break }
            room = [Double](repeating: 0, count: Int(room[0]))
            integerRoom = [Int32](repeating: 0, count: Int(integerRoom[0]))
        }
        (self.order, self.values, self.vectors) = (order, values, vectors)
    }

    private static func decompose(
        _ matrix: inout [Double],
        _ order: Int,
        _ values: inout [Double],
        _ room: inout [Double],
        _ integerRoom: inout [Int32],
        isQuery: Bool
    ) -> Int32 {
        var count = Int32(order)
        var length = isQuery ? -1 : Int32(room.count)
        var integers = isQuery ? -1 : Int32(integerRoom.count)
        var stride = count
        var status: Int32 = 0
        dsyevd_("V", "L", &count, &matrix, &stride, &values, &room, &length, &integerRoom, &integers, &status, 1, 1)
        return status
    }

    /// The matrix with each eigenvalue λ replaced by `function(λ)`, row-major.
    public func applying(_ function: (Double) -> Double) -> [Double] {
        var scaled = vectors
        for (row, value) in values.enumerated() {
            let factor = function(value)
            for column in 0..<order { scaled[row * order + column] *= factor }
        }
        return MatrixProduct.transposedLeft(scaled, vectors, inner: order, rows: order, columns: order)
    }
}
