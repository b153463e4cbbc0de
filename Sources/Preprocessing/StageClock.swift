/// Measures the stages of processing one after another.
struct StageClock {
    private(set) var timings = StageTimings()
    private var last = ContinuousClock.now

    /// Adds the time since the last call to a stage.
    mutating func lap(_ stage: WritableKeyPath<StageTimings, Duration>) {
        let now = ContinuousClock.now
        timings[keyPath: stage] += now - last
        last = now
    }
}
