/// How many sampler steps fit into the time that is left.
///
/// The time of a step and of everything around the steps are followed as running means with their mean deviations, so that
/// the choice adapts to the machine and to what else it does. What is planned with is the mean and four times the deviation,
/// as for the timeouts of TCP (RFC 6298).
public struct StepBudget: Sendable, Equatable {
    /// The fewest steps, taken even if they make the image late.
    public let fewest: Int
    /// The most steps.
    public let most: Int
    private var stepTime: RunningTime?
    private var fixedTime: RunningTime?

    /// A time that is measured again and again.
    private struct RunningTime: Sendable, Equatable {
        /// A new measurement's weight.
        private static let weight = 0.3

        private var mean: Double
        private var deviation = 0.0

        init(_ time: Double) { mean = time }

        mutating func add(_ time: Double) {
            deviation += Self.weight * (abs(time - mean) - deviation)
            mean += Self.weight * (time - mean)
        }

        /// What it hardly ever exceeds.
        var bound: Double { mean + 4 * deviation }
    }

    /// Starts without measurements.
    public init(fewest: Int, most: Int) {
        self.most = max(1, most)
        self.fewest = min(max(1, fewest), self.most)
    }

    /// Takes in what an image took.
    public mutating func measured(steps: Int, sampling: Double, fixed time: Double) {
        guard steps > 0, sampling > 0, time >= 0 else { return }
        let each = sampling / Double(steps)
        if stepTime?.add(each) == nil { stepTime = RunningTime(each) }
        if fixedTime?.add(time) == nil { fixedTime = RunningTime(time) }
    }

    /// The same measurements under other limits.
    public func limited(fewest: Int, most: Int) -> StepBudget {
        var budget = StepBudget(fewest: fewest, most: most)
        (budget.stepTime, budget.fixedTime) = (stepTime, fixedTime)
        return budget
    }

    /// The steps for an image that should be there in so many seconds, while `waiting` other trials want their share.
    public func steps(secondsLeft: Double, waiting: Int) -> Int {
        guard let step = stepTime?.bound, let fixed = fixedTime?.bound else { return fewest }
        let affordable = (secondsLeft / Double(1 + waiting) - fixed) / step
        guard affordable < Double(most) else { return most }
        return max(fewest, Int(max(0, affordable)))
    }
    /// Whether one more step, and what comes after the last, would take longer than so many seconds.
    public func isOver(secondsLeft: Double) -> Bool {
        secondsLeft <= (stepTime?.bound ?? 0) + (fixedTime?.bound ?? 0)
    }
}
