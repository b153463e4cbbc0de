import Neural

/// How a phase is trained.
public struct OptimizationSettings: Sendable, Hashable, Codable {
    /// The largest learning rate.
    public var peakLearningRate: Double
    /// The epochs over which the learning rate rises linearly; 0 with ``epochs`` 0 keeps it at the peak.
    public var warmupEpochs: Double
    /// The epochs after which the learning rate has fallen to 0; 0 keeps it at the peak.
    public var epochs: Double
    /// The decay rate of the running mean of the gradient.
    public var firstDecay: Float
    /// The decay rate of the running mean of the squared gradient.
    public var secondDecay: Float
    /// Added to the root of the second moment.
    public var epsilon: Float
    /// The decoupled weight decay of matrices and tokens.
    public var weightDecay: Float
    /// The global norm to which gradients are clipped.
    public var clippingNorm: Float

    /// Makes settings; the defaults are those of the first phase.
    public init(
        peakLearningRate: Double = 2.5e-4,
        warmupEpochs: Double = 40,
        epochs: Double = 500,
        firstDecay: Float = 0.9,
        secondDecay: Float = 0.95,
        epsilon: Float = 1e-8,
        weightDecay: Float = 0.05,
        clippingNorm: Float = 0.8
    ) {
        self.peakLearningRate = peakLearningRate
        self.warmupEpochs = warmupEpochs
        self.epochs = epochs
        self.firstDecay = firstDecay
        self.secondDecay = secondDecay
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.clippingNorm = clippingNorm
    }

    /// Contrastive pre-training.
    public static let pretraining = OptimizationSettings()
    /// Tuning with cross-modal guidance.
    public static let crossModalTuning = OptimizationSettings(peakLearningRate: 5.3e-5, warmupEpochs: 2, epochs: 15)

    /// The learning rate at a fractional epoch.
    public func learningRate(epoch: Double) -> Double {
        let schedule: LearningRateSchedule =
            epochs == 0 ? .constant() : .warmupCosine(warmup: warmupEpochs, epochs: epochs)
        return schedule.learningRate(peak: peakLearningRate, epoch: epoch)
    }

    /// The optimiser, with the reference's decay groups.
    func optimizer(of parameters: [Parameter]) -> AdamW {
        AdamW(
            groups: AdamW.decayGroups(parameters, weightDecay: weightDecay),
            betas: (firstDecay, secondDecay),
            epsilon: epsilon
        )
    }
}
