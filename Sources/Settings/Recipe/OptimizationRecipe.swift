/// How one phase is optimised.
public struct OptimizationRecipe: Sendable, Equatable {
    /// How the learning rate changes.
    public enum Schedule: String, Sendable, CaseIterable {
        /// It stays at its peak after the warm-up.
        case constant
        /// Linear warm-up, then half a cosine down to 0 at the last epoch.
        case cosine
    }

    /// Passes over the data.
    public var epochs = 1.0
    /// Items of an update.
    public var batch = 32
    /// Parts that an update's items are gathered in, so that fewer are in memory at once.
    public var accumulation = 1
    /// The largest learning rate.
    public var learningRate = 0.001
    /// The epochs over which the learning rate rises.
    public var warmup = 0.0
    /// How the learning rate changes.
    public var schedule = Schedule.cosine
    /// The decoupled weight decay.
    public var weightDecay = 0.05
    /// The decay rate of the running mean of the gradient.
    public var firstDecay = 0.9
    /// The decay rate of the running mean of the squared gradient.
    public var secondDecay = 0.95
    /// The global norm to which gradients are clipped; 0 for no clipping.
    public var clip = 0.8
    /// The decay of the moving average of the weights, which is what the phase hands on; 0 for none.
    public var average = 0.0
    /// Epochs between validations.
    public var validateEvery = 1.0
    /// Validations without a better one after which the phase ends; 0 never ends it early.
    public var patience = 0

    /// The defaults.
    public init() {}

    /// The given values, the others at their defaults.
    public init(
        epochs: Double,
        batch: Int,
        learningRate: Double,
        warmup: Double = 0,
        schedule: Schedule = .cosine,
        weightDecay: Double = 0.05,
        secondDecay: Double = 0.95,
        clip: Double = 0.8,
        average: Double = 0
    ) {
        (self.epochs, self.batch, self.learningRate, self.warmup) = (epochs, batch, learningRate, warmup)
        (self.schedule, self.weightDecay, self.secondDecay) = (schedule, weightDecay, secondDecay)
        (self.clip, self.average) = (clip, average)
    }

    static var fields: [SettingsField<Self>] {
        [
            .value("epochs", \.epochs, .number(0...1_000_000)),
            .value("batch", \.batch, .integer(1...65536)),
            .value("accumulation", \.accumulation, .integer(1...4096)),
            .value("learningRate", \.learningRate, .number(0...1)),
            .value("warmup", \.warmup, .number(0...1_000_000)),
            .value("schedule", \.schedule, .word),
            .value("weightDecay", \.weightDecay, .number(0...10)),
            .value("firstDecay", \.firstDecay, .number(0...1)),
            .value("secondDecay", \.secondDecay, .number(0...1)),
            .value("clip", \.clip, .number(0...1_000_000)),
            .value("average", \.average, .number(0...1)),
            .value("validateEvery", \.validateEvery, .number(0.001...1_000_000)),
            .value("patience", \.patience, .integer(0...1_000_000)),
        ]
    }
}
