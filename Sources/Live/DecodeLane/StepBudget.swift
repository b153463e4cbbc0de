/// How many sampler steps fit into the time that is left.
///
/// The time of a step and of everything around the steps are followed as running means, so that the choice adapts to the
/// machine and to what else it does.
public struct StepBudget: Sendable, Equatable {
    /// The fewest steps, taken even if they make the image late.
    public let fewest: Int
    /// The most steps.
    public let most: Int
    /// The seconds of a step; nil before the first image.
    public private(set) var step: Double?
    /// The seconds of encoding, decoding to pixels and compressing; nil before the first image.
    public private(set) var fixed: Double?

    /// A new measurement's weight in the running means.
    private static let weight = 0.3
    /// The share of the time that is planned with; the rest absorbs variation.
    private static let caution = 0.9

    /// Starts without measurements.
    public init(fewest: Int, most: Int) {
        self.most = max(1, most)
        self.fewest = min(max(1, fewest), self.most)
    }

    /// Takes in what an image took.
    public mutating func measured(steps: Int, sampling: Double, fixed time: Double) {
        guard steps > 0, sampling > 0, time >= 0 else { return }
        let each = sampling / Double(steps)
        step = step.map { $0 + Self.weight * (each - $0) } ?? each
        fixed = fixed.map { $0 + Self.weight * (time - $0) } ?? time
    }

    /// The same measurements under other limits.
    public func limited(fewest: Int, most: Int) -> StepBudget {
        var budget = StepBudget(fewest: fewest, most: most)
        (budget.step, budget.fixed) = (step, fixed)
        return budget
    }

    /// The steps for an image that should be there in so many seconds, while `waiting` other trials want their share.
    public func steps(secondsLeft: Double, waiting: Int) -> Int {
        guard let step, let fixed else { return fewest }
        let share = Self.caution * secondsLeft / Double(1 + waiting)
        let affordable = (share - fixed) / step
        guard affordable < Double(most) else { return most }
        return max(fewest, Int(max(0, affordable)))
    }
}
