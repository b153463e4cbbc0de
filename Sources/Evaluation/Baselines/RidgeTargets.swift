import Images

/// What a ridge regression learns to predict: a row of numbers for each pattern, given out block by block.
///
/// So thousands of large images stay the bytes that they are.
public struct RidgeTargets: Sendable {
    /// The number of rows.
    public let rows: Int
    /// The numbers per row.
    public let width: Int
    private let value: @Sendable (_ row: Int, _ column: Int) -> Double

    /// The pixels of images of one size, in 0…1.
    public init(_ images: [Image8]) {
        precondition(
            !images.isEmpty && images.allSatisfy { $0.height == images[0].height && $0.width == images[0].width }
        )
        rows = images.count
        width = images[0].bytes.count
        value = { row, column in Double(images[row].bytes[column]) / 255 }
    }

    /// Rows of numbers, all of one length.
    public init(_ values: [[Float]]) {
        precondition(!values.isEmpty && values.allSatisfy { $0.count == values[0].count }, "Rows differ in length.")
        rows = values.count
        width = values[0].count
        value = { row, column in Double(values[row][column]) }
    }

    /// Some columns, less their means over the rows, `[rows, columns]`.
    func centred(_ columns: [Int]) -> (values: [Double], means: [Double]) {
        var values = [Double](repeating: 0, count: rows * columns.count)
        var means = [Double](repeating: 0, count: columns.count)
        for row in 0..<rows {
            for (index, column) in columns.enumerated() {
                let number = value(row, column)
                values[row * columns.count + index] = number
                means[index] += number / Double(rows)
            }
        }
        for index in values.indices { values[index] -= means[index % columns.count] }
        return (values, means)
    }
}
