import Tensors

/// fMRI responses: one row per time point or trial, one column per voxel.
public struct ResponseMatrix: Sendable, Equatable {
    /// The number of rows.
    public let rows: Int
    /// The number of voxels.
    public let columns: Int
    /// The responses, row by row.
    public var values: [Float]

    /// A matrix of the given values.
    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns, "\(values.count) values are not \(rows)×\(columns).")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// One row.
    public subscript(row: Int) -> ArraySlice<Float> {
        values[row * columns..<(row + 1) * columns]
    }

    /// The given rows, in their order.
    public func selecting(rows indices: [Int]) -> ResponseMatrix {
        var values: [Float] = []
        values.reserveCapacity(indices.count * columns)
        for index in indices { values += self[index] }
        return ResponseMatrix(rows: indices.count, columns: columns, values: values)
    }

    /// The given columns, in their order.
    public func selecting(columns indices: [Int]) -> ResponseMatrix {
        var values: [Float] = []
        values.reserveCapacity(rows * indices.count)
        for row in 0..<rows {
            let start = row * columns
            for column in indices { values.append(self.values[start + column]) }
        }
        return ResponseMatrix(rows: rows, columns: indices.count, values: values)
    }

    /// The mean of the given rows.
    public func mean(ofRows indices: [Int]) -> [Float] {
        var sums = [Double](repeating: 0, count: columns)
        for index in indices {
            for (column, value) in self[index].enumerated() { sums[column] += Double(value) }
        }
        return sums.map { Float($0 / Double(indices.count)) }
    }

    /// Matrices of equal width side by side below each other.
    public static func stacked(_ parts: [ResponseMatrix]) -> ResponseMatrix {
        let columns = parts.first?.columns ?? 0
        precondition(parts.allSatisfy { $0.columns == columns }, "Matrices of different widths cannot be stacked.")
        return ResponseMatrix(rows: parts.reduce(0) { $0 + $1.rows }, columns: columns, values: parts.flatMap(\.values))
    }

    /// Matrices with equally many rows, joined along the voxels.
    public static func joined(_ parts: [ResponseMatrix]) -> ResponseMatrix {
        let rows = parts.first?.rows ?? 0
        precondition(parts.allSatisfy { $0.rows == rows }, "Matrices of different heights cannot be joined.")
        let values = (0..<rows).flatMap { row in parts.flatMap { $0[row] } }
        return ResponseMatrix(rows: rows, columns: parts.reduce(0) { $0 + $1.columns }, values: values)
    }
}

/// Widths, in the units of the patches of a transformer.
extension ResponseMatrix {
    /// The width that the released models expect of `voxels`: a multiple of the patch.
    ///
    /// A width that is a multiple already grows by a whole patch; the sizes of released checkpoints depend on it.
    public static func paddedWidth(voxels: Int, patchSize: Int) -> Int {
        voxels + patchSize - voxels % patchSize
    }

    /// The rows continued from their beginning up to `paddedWidth`.
    public func wrapPadded(patchSize: Int) -> ResponseMatrix {
        fitted(toWidth: Self.paddedWidth(voxels: columns, patchSize: patchSize))
    }

    /// The rows at another width: continued from their beginning, or cut off at the end.
    public func fitted(toWidth width: Int) -> ResponseMatrix {
        guard width != columns else { return self }
        precondition(columns > 0, "Rows without voxels cannot be continued.")
        return selecting(columns: (0..<width).map { $0 % columns })
    }
}

/// Normalisation by one mean and one deviation.
extension ResponseMatrix {
    /// The mean and the population standard deviation of a matrix.
    public struct Moments: Sendable, Equatable {
        /// The mean.
        public let mean: Double
        /// The standard deviation.
        public let deviation: Double

        /// The given moments.
        public init(mean: Double, deviation: Double) {
            self.mean = mean
            self.deviation = deviation
        }
    }

    /// The moments over all values.
    public var moments: Moments {
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        let squares = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        return Moments(mean: mean, deviation: (squares / Double(values.count)).squareRoot())
    }

    /// The values less the mean, divided by the deviation.
    public func normalized(by moments: Moments) -> ResponseMatrix {
        let values = values.map { Float((Double($0) - moments.mean) / moments.deviation) }
        return ResponseMatrix(rows: rows, columns: columns, values: values)
    }

    /// Its moments, for normalisation.
    /// - Throws: `DatasetError` if all values are equal.
    func usableMoments(of subject: String) throws -> Moments {
        let moments = moments
        guard moments.deviation > 0, moments.deviation.isFinite else {
            throw DatasetError(.malformed, subject, "responses without variation cannot be normalised")
        }
        return moments
    }
}

extension ResponseMatrix: CustomStringConvertible {
    /// The size.
    public var description: String { "ResponseMatrix \(rows)×\(columns)" }
}

extension Tensor {
    /// The rows of a matrix, `[rows, columns]`.
    public init(_ matrix: ResponseMatrix) {
        self.init(matrix.values, shape: [matrix.rows, matrix.columns])
    }
}
