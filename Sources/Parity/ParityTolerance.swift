/// How far a result may be from the recorded one.
public struct ParityTolerance: Sendable, Equatable {
    /// What the difference is divided by.
    public enum Scale: Sendable, Equatable {
        /// Nothing.
        case absolute
        /// 1 + the largest recorded magnitude of the array.
        case relative
        /// The largest recorded magnitude of the array + 10⁻³ of that over all arrays, which is given.
        case gradient(largestOfAll: Double)
    }

    /// What the difference is divided by.
    public let scale: Scale
    /// The limit of the scaled difference.
    public let limit: Double

    /// A limit for a scaled difference.
    public init(_ limit: Double, scale: Scale) {
        self.limit = limit
        self.scale = scale
    }

    /// Forward passes and losses.
    public static let forward = ParityTolerance(1e-4, scale: .relative)
    /// Complete sampling trajectories.
    public static let trajectory = ParityTolerance(2e-4, scale: .relative)
    /// Parameters after one optimiser step, whose first step is sign-like.
    public static let updatedParameter = ParityTolerance(5e-5, scale: .absolute)
    /// Indices, masks, time steps and 8-bit resampling.
    public static let exact = ParityTolerance(0, scale: .absolute)
    /// 8-bit images that a network made.
    public static let image8 = ParityTolerance(1, scale: .absolute)

    /// Gradients, among which some are nearly zero by cancellation.
    /// - Parameter largestOfAll: the largest recorded magnitude over the gradients of all parameters.
    public static func gradient(largestOfAll: Double) -> ParityTolerance {
        ParityTolerance(3e-3, scale: .gradient(largestOfAll: largestOfAll))
    }

    /// The largest scaled difference; infinite if a value is not a number or the counts differ.
    public func worstError(_ actual: [Double], _ expected: [Double]) -> Double {
        guard actual.count == expected.count else { return .infinity }
        var worst = 0.0
        var largest = 0.0
        for (a, b) in zip(actual, expected) {
            if a == b || (a.isNaN && b.isNaN) {
                largest = max(largest, abs(b).isFinite ? abs(b) : 0)
                continue
            }
            let difference = abs(a - b)
            guard difference.isFinite else { return .infinity }
            worst = max(worst, difference)
            largest = max(largest, abs(b))
        }
        switch scale {
        case .absolute: return worst
        case .relative: return worst / (1 + largest)
        case .gradient(let largestOfAll):
            let scale = largest + 1e-3 * largestOfAll
            return scale > 0 ? worst / scale : worst == 0 ? 0 : .infinity
        }
    }
}
