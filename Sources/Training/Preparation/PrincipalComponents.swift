import Tensors

/// The directions in which data varies most.
struct PrincipalComponents {
    /// The mean of the data, `[d]`.
    let mean: [Float]
    /// Orthonormal directions, `[k, d]`, the strongest first.
    let directions: Tensor
    /// The variance along each.
    let variances: [Float]

    /// Finds the `count` strongest components of rows `[n, d]`, by subspace iteration (Halko et al., SIAM Review 2011).
    ///
    /// The iteration starts at random directions of the given seed and works with a few more than asked for.
    init(of rows: Tensor, count: Int, seed: UInt64, iterations: Int = 24) {
        let (n, d) = (rows.shape[0], rows.shape[1])
        precondition(count >= 1 && count <= min(n, d), "\(count) components of \(n) rows of \(d) values.")
        var mean = [Double](repeating: 0, count: d)
        for row in 0..<n { for column in 0..<d { mean[column] += Double(rows.pointer[row * d + column]) } }
        let centre = mean.map { Float($0 / Double(n)) }
        let centred = Tensor(uninitialized: [n, d])
        for row in 0..<n {
            for column in 0..<d {
                centred.pointer[row * d + column] = rows.pointer[row * d + column] - centre[column]
            }
        }
        let width = min(count + 8, min(n, d))
        var random = RandomNumbers(seed: seed, purpose: "principal components")
        var basis = random.normal([width, d])
        for _ in 0..<iterations {
            Self.orthonormalize(basis)
            basis = matrixMultiply(matrixMultiply(basis, centred, transposeB: true), centred)
        }
        // The strengths sort the directions: after orthonormalisation in their order the first are the strongest.
        Self.orthonormalize(basis)
        let scores = matrixMultiply(basis, centred, transposeB: true)
        let strengths = (0..<width).map { Float(sumOfSquares(scores.rows($0..<$0 + 1)) / Double(n)) }
        let order = strengths.indices.sorted { strengths[$0] > strengths[$1] }.prefix(count)
        let directions = Tensor(uninitialized: [count, d])
        for (target, source) in order.enumerated() {
            (directions.pointer + target * d).update(from: basis.pointer + source * d, count: d)
        }
        self.mean = centre
        self.directions = directions
        variances = order.map { strengths[$0] }
    }

    /// The coordinates of one item along the components, each divided by its standard deviation.
    func whitened(_ item: UnsafePointer<Float>) -> [Float] {
        let d = mean.count
        return variances.indices.map { component in
            let direction = directions.pointer + component * d
            var sum = 0.0
            for index in 0..<d { sum += Double(item[index] - mean[index]) * Double(direction[index]) }
            return Float(sum / Double(max(variances[component], .leastNormalMagnitude)).squareRoot())
        }
    }

    /// Modified Gram–Schmidt in float64, row by row, each twice.
    ///
    /// A row that depends on those before it up to rounding becomes 0: there are fewer components than were asked for.
    private static func orthonormalize(_ rows: Tensor) {
        let (count, d) = (rows.shape[0], rows.shape[1])
        func norm(_ row: UnsafeMutablePointer<Float>) -> Double {
            (0..<d).reduce(0) { $0 + Double(row[$1]) * Double(row[$1]) }.squareRoot()
        }
        for row in 0..<count {
            let current = rows.pointer + row * d
            let length = norm(current)
            for _ in 0..<2 {
                for other in 0..<row {
                    let direction = rows.pointer + other * d
                    var product = 0.0
                    for index in 0..<d { product += Double(current[index]) * Double(direction[index]) }
                    for index in 0..<d { current[index] -= Float(product) * direction[index] }
                }
            }
            let rest = norm(current)
            let factor = rest > 1e-5 * length ? Float(1 / rest) : 0
            for index in 0..<d { current[index] *= factor }
        }
    }
}
