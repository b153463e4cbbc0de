import Tensors

/// The products of trial regressors with themselves and with the responses, all rid of confounds.
///
/// What rotations leave of a row are orthonormal innovations; summing their products over volumes gives the products of
/// the residuals of a fit to the confounds alone (Frisch–Waugh–Lovell). Each trial t stands beside r, the sum of all
/// other trials.
struct TrialCrossProducts: Sendable {
    /// What one trial's regressor has in common with itself and with the sum of the others.
    struct Trial: Sendable {
        /// t·t.
        var own = 0.0
        /// t·r.
        var cross = 0.0
        /// r·r.
        var others = 0.0
        /// The sum of squares of the regressor with its confounds.
        var ownNorm = 0.0
        /// The same for the sum of the others.
        var othersNorm = 0.0
    }

    let voxels: Int
    let regressors: Int
    private let forgetting: Double
    private(set) var trials: [Trial] = []
    /// What a trial that begins now finds: the sum of all trials, as others.
    private var total = Trial()
    /// The trials' parts in the rows of the triangular factor, T×p.
    private var parts: [Double] = []
    private var innovations: [Double] = []
    /// t·y of each trial, T×V.
    private(set) var products: [Double] = []
    /// The same for the sum of all trials, V.
    private(set) var totalProducts: [Double]

    init(regressors: Int, voxels: Int, forgetting: Double, capacity: Int) {
        self.voxels = voxels
        self.regressors = regressors
        self.forgetting = forgetting
        totalProducts = [Double](repeating: 0, count: voxels)
        trials.reserveCapacity(capacity)
        innovations.reserveCapacity(capacity)
        parts.reserveCapacity(capacity * regressors)
        products.reserveCapacity(capacity * voxels)
    }

    /// Adds a trial whose regressor was zero so far, which makes all its sums exact.
    mutating func begin() {
        trials.append(Trial(others: total.others, othersNorm: total.othersNorm))
        innovations.append(0)
        parts.append(contentsOf: repeatElement(0, count: regressors))
        products.append(contentsOf: repeatElement(0, count: voxels))
    }

    /// Takes in the trial regressors of a volume, whitened, and the responses' innovations.
    mutating func absorb(_ row: [Double], responses: [Double], factor: TriangularFactor, pool: ThreadPool) {
        var (sum, innovationSum) = (0.0, 0.0)
        let (regressors, count) = (regressors, trials.count)
        for trial in 0..<count {
            let value = row[trial]
            let innovation = parts.withUnsafeMutableBufferPointer { parts in
                // Without confounds there are no parts, and nothing to rotate.
                parts.baseAddress.map { factor.rotate(value, part: $0 + trial * regressors) } ?? value
            }
            innovations[trial] = innovation
            sum += value
            innovationSum += innovation
        }
        for trial in 0..<count {
            let (own, others) = (innovations[trial], innovationSum - innovations[trial])
            let rest = sum - row[trial]
            trials[trial].own = forgetting * trials[trial].own + own * own
            trials[trial].cross = forgetting * trials[trial].cross + own * others
            trials[trial].others = forgetting * trials[trial].others + others * others
            trials[trial].ownNorm = forgetting * trials[trial].ownNorm + row[trial] * row[trial]
            trials[trial].othersNorm = forgetting * trials[trial].othersNorm + rest * rest
        }
        total.others = forgetting * total.others + innovationSum * innovationSum
        total.othersNorm = forgetting * total.othersNorm + sum * sum
        accumulate(responses, innovationSum: innovationSum, pool: pool)
    }

    private mutating func accumulate(_ responses: [Double], innovationSum: Double, pool: ThreadPool) {
        let (voxels, forgetting) = (voxels, forgetting)
        let innovations = innovations
        Self.withPointers(&products, &totalProducts, responses) { products, totals, responses in
            RotatedResponses.forBlocks(of: voxels, pool: pool) { start, count in
                let responses = responses + start
                for trial in 0..<innovations.count {
                    Self.add(
                        innovations[trial],
                        responses,
                        to: products + (trial * voxels + start),
                        count: count,
                        forgetting: forgetting
                    )
                }
                Self.add(innovationSum, responses, to: totals + start, count: count, forgetting: forgetting)
            }
        }
    }

    private static func add(
        _ factor: Double,
        _ responses: UnsafePointer<Double>,
        to sums: UnsafeMutablePointer<Double>,
        count: Int,
        forgetting: Double
    ) {
        if factor == 0, forgetting == 1 { return }
        for voxel in 0..<count { sums[voxel] = forgetting * sums[voxel] + factor * responses[voxel] }
    }

    private static func withPointers(
        _ products: inout [Double],
        _ totals: inout [Double],
        _ responses: [Double],
        _ body: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, UnsafePointer<Double>) -> Void
    ) {
        products.withUnsafeMutableBufferPointer { products in
            totals.withUnsafeMutableBufferPointer { totals in
                responses.withUnsafeBufferPointer { responses in
                    guard let totals = totals.baseAddress, let responses = responses.baseAddress else { return }
                    // Without trials there are no products, and none are touched.
                    body(products.baseAddress ?? totals, totals, responses)
                }
            }
        }
    }

    func save(to state: inout StateWriter) {
        state.write((trials + [total]).flatMap { [$0.own, $0.cross, $0.others, $0.ownNorm, $0.othersNorm] })
        state.write(parts)
        state.write(products)
        state.write(totalProducts)
    }

    mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        let numbers = try state.doubles()
        guard numbers.count >= 5, numbers.count % 5 == 0 else {
            throw PreprocessingError(.damagedState, "saved trials", "have \(numbers.count) sums; the state is damaged")
        }
        let count = numbers.count / 5 - 1
        let parts = try state.doubles(count * regressors)
        // A count whose product with the voxels overflows cannot be that of a field.
        let (size, overflow) = count.multipliedReportingOverflow(by: voxels)
        let products = try state.doubles(overflow ? -1 : size)
        totalProducts = try state.doubles(voxels)
        var restored = stride(from: 0, to: numbers.count, by: 5).map {
            Trial(
                own: numbers[$0],
                cross: numbers[$0 + 1],
                others: numbers[$0 + 2],
                ownNorm: numbers[$0 + 3],
                othersNorm: numbers[$0 + 4]
            )
        }
        total = restored.removeLast()
        trials = restored
        innovations = [Double](repeating: 0, count: count)
        (self.parts, self.products) = (parts, products)
    }
}
