import Decoder
import Foundation
import Tensors

/// Ridge regression from patterns to images in its dual form, for fewer patterns than voxels (Saunders et al., ICML 1998).
///
/// Patterns are z-scored by the training patterns; the intercept is not penalised. The eigenvectors of the Gram matrix
/// serve every penalty.
public struct DualRidge: Sendable {
    /// The scaling of patterns.
    public let scaling: PatternStandardization
    private let training: Tensor
    private let eigen: SymmetricEigen

    /// Penalties that are tried, as multiples of the mean squared length of a scaled pattern.
    public static let relativePenalties: [Double] = (-12...12).map { pow(10, Double($0) / 4) }

    /// Takes the training patterns, `[n, voxels]`, at least two of them.
    /// - Returns: nil if a pattern is not finite or all are equal.
    public init?(patterns: Tensor) {
        precondition(patterns.rank == 2 && patterns.shape[0] > 1, "Patterns of shape \(patterns.shape).")
        scaling = PatternStandardization(zScoring: patterns)
        training = scaling.apply(patterns)
        let rows = patterns.shape[0]
        let gram = Self.products(training, training)
        guard let eigen = SymmetricEigen(gram, order: rows), (eigen.values.last ?? 0) > 0 else { return nil }
        self.eigen = eigen
    }

    private var rows: Int { training.shape[0] }

    /// The penalties that are tried.
    public var penalties: [Double] {
        let scale = eigen.values.reduce(0, +) / Double(rows)
        return Self.relativePenalties.map { $0 * scale }
    }

    /// A penalty and the error that it leads to.
    public struct Validation: Sendable, Equatable, Codable {
        /// The penalty, added to the diagonal of the Gram matrix.
        public let penalty: Double
        /// The mean squared error of training rows that were left out, one at a time.
        public let error: Double
    }

    /// The leave-one-out errors of the penalties within the training rows, in closed form.
    ///
    /// Of long rows only 8192 evenly spaced columns are looked at.
    public func validations(_ targets: RidgeTargets) -> [Validation] {
        check(targets)
        let looked = min(targets.width, Self.validationWidth)
        let columns = (0..<looked).map { $0 * targets.width / looked }
        var gram = [Double](repeating: 0, count: rows * rows)
        for start in stride(from: 0, to: looked, by: Self.block) {
            let part = Array(columns[start..<min(start + Self.block, looked)])
            let block = targets.centred(part).values
            MatrixProduct.addTransposedRight(block, block, rows: rows, inner: part.count, columns: rows, to: &gram)
        }
        // In the basis of the eigenvectors the residual of a penalty is a scaling: R = U diag(λ/(w+λ)) Uᵀ Y.
        let rotated = MatrixProduct.transposedRight(
            MatrixProduct.plain(eigen.vectors, gram, rows: rows, inner: rows, columns: rows),
            eigen.vectors,
            rows: rows,
            inner: rows,
            columns: rows
        )
        return penalties.map { Validation(penalty: $0, error: error($0, rotated) / Double(rows * looked)) }
    }

    /// The penalty with the least leave-one-out error.
    public func bestPenalty(_ targets: RidgeTargets) -> Double {
        validations(targets).min { $0.error < $1.error }?.penalty ?? penalties[penalties.count / 2]
    }

    /// Predictions for patterns, `[m, voxels]`: one row per pattern.
    public func predict(_ patterns: Tensor, targets: RidgeTargets, penalty: Double) -> [[Float]] {
        check(targets)
        let count = patterns.shape[0]
        let inverse = eigen.applying { 1 / (max($0, 0) + penalty) }
        let gram = Self.products(scaling.apply(patterns), training)
        let weights = MatrixProduct.plain(gram, inverse, rows: count, inner: rows, columns: rows)
        var result = [[Float]](repeating: [], count: count)
        for start in stride(from: 0, to: targets.width, by: Self.block) {
            let columns = Array(start..<min(start + Self.block, targets.width))
            let (values, means) = targets.centred(columns)
            let part = MatrixProduct.plain(weights, values, rows: count, inner: rows, columns: columns.count)
            for row in 0..<count {
                result[row] += means.indices.map { Float(part[row * columns.count + $0] + means[$0]) }
            }
        }
        return result
    }

    private static let block = 2048
    private static let validationWidth = 8192

    /// The sum of the squared leave-one-out residuals, given Uᵀ Y Yᵀ U.
    ///
    /// A left-out residual is the residual over one minus the leverage, to which the intercept adds 1/n.
    private func error(_ penalty: Double, _ rotated: [Double]) -> Double {
        let kept = eigen.values.map { penalty / (max($0, 0) + penalty) }
        // A = diag(kept) U (vectors are rows): the residuals are Aᵀ (Uᵀ Y).
        var scaled = eigen.vectors
        for row in 0..<rows {
            for column in 0..<rows { scaled[row * rows + column] *= kept[row] }
        }
        let product = MatrixProduct.plain(rotated, scaled, rows: rows, inner: rows, columns: rows)
        return (0..<rows).reduce(0) { total, item in
            var (squares, residual) = (0.0, 0.0)
            for row in 0..<rows {
                squares += scaled[row * rows + item] * product[row * rows + item]
                residual += eigen.vectors[row * rows + item] * scaled[row * rows + item]
            }
            // 1 − h, where `residual` is 1 − h without the intercept.
            let left = max(residual - 1 / Double(rows), 1e-9)
            return total + max(squares, 0) / (left * left)
        }
    }

    private func check(_ targets: RidgeTargets) {
        precondition(targets.rows == rows, "\(targets.rows) targets for \(rows) patterns.")
    }

    /// The inner products of the rows of two matrices of scaled patterns.
    private static func products(_ a: Tensor, _ b: Tensor) -> [Double] {
        MatrixProduct.transposedRight(
            a.elements.map(Double.init),
            b.elements.map(Double.init),
            rows: a.shape[0],
            inner: a.shape[1],
            columns: b.shape[0]
        )
    }
}
