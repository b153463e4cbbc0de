import Foundation
import Tensors

/// Sine–cosine position tables (Vaswani et al.
///
/// 2017) with a row of zeros for the class token in front.
public enum PositionTable {
    /// The table of a sequence, `[1, positions + 1, width]`.
    ///
    /// Row 1 + p is `[sin(p·ω₀)…, cos(p·ω₀)…]` with ω_k = 10000^(−2k/width), all of it in float32, as in the model that
    /// the released weights belong to.
    public static func sequence(positions: Int, width: Int) -> Tensor {
        precondition(width % 2 == 0, "A table of \(width) columns has no halves.")
        let table = Tensor(zeros: [1, positions + 1, width])
        let half = width / 2
        let frequencies = (0..<half).map { 1 / pow(Float(10000), Float($0) / Float(half)) }
        for position in 0..<positions {
            let row = table.pointer + (position + 1) * width
            for (column, frequency) in frequencies.enumerated() {
                let angle = Float(position) * frequency
                row[column] = sin(angle)
                row[half + column] = cos(angle)
            }
        }
        return table
    }

    /// The table of a square grid of `side`·`side` positions, row by row, `[1, side² + 1, width]`.
    ///
    /// The first half of the columns encodes the column x of the position, the second half its row y.
    public static func grid(side: Int, width: Int) -> Tensor {
        precondition(width % 4 == 0, "A table of \(width) columns has no quarters.")
        let table = Tensor(zeros: [1, side * side + 1, width])
        let quarter = width / 4
        let frequencies = (0..<quarter).map { pow(10000, -Double($0) / Double(quarter)) }
        for y in 0..<side {
            for x in 0..<side {
                let row = table.pointer + (1 + y * side + x) * width
                for (column, frequency) in frequencies.enumerated() {
                    row[column] = Float(sin(Double(x) * frequency))
                    row[quarter + column] = Float(cos(Double(x) * frequency))
                    row[2 * quarter + column] = Float(sin(Double(y) * frequency))
                    row[3 * quarter + column] = Float(cos(Double(y) * frequency))
                }
            }
        }
        return table
    }

    /// A table fitted to another number of positions: row 0 stays, the others are the nearest of the given ones.
    ///
    /// - Parameter table: `[1, L₀ + 1, width]`.
    /// - Returns: `[1, positions + 1, width]`.
    public static func interpolated(_ table: Tensor, positions: Int) -> Tensor {
        let (known, width) = (table.shape[1] - 1, table.shape[2])
        guard known != positions, known > 0 else { return table }
        let result = Tensor(uninitialized: [1, positions + 1, width])
        result.pointer.update(from: table.pointer, count: width)
        let ratio = Float(Double(known) / Double(positions))
        for position in 0..<positions {
            let source = min(Int(Float(position) * ratio), known - 1)
            (result.pointer + (position + 1) * width).update(from: table.pointer + (source + 1) * width, count: width)
        }
        return result
    }
}
