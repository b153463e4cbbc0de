import Weights

/// Matrices out of files.
extension ResponseMatrix {
    /// The matrix of an array.
    /// - Throws: `DatasetError` if it is not a matrix or holds values that are not finite.
    init(_ array: StoredArray, name: String) throws {
        try self.init(array.floats(), shape: array.shape, name: name)
    }

    /// The matrix of elements in row-major order.
    /// - Throws: `DatasetError` if the shape is not that of a matrix or values are not finite.
    init(_ values: [Float], shape: [Int], name: String) throws {
        guard shape.count == 2 else {
            throw DatasetError(.malformed, name, "shape \(shape) is not a matrix of responses")
        }
        if let position = values.firstIndex(where: { !$0.isFinite }) {
            let (row, column) = position.quotientAndRemainder(dividingBy: max(shape[1], 1))
            throw DatasetError(.malformed, name, "the value in row \(row), column \(column) is not finite")
        }
        self.init(rows: shape[0], columns: shape[1], values: values)
    }
}
