import Neural
import Tensors

/// A training step of the first phase: both maskings, the objective, its gradients, clipping and AdamW.
public final class PretrainingStep {
    /// What a step did.
    public struct Report: Sendable {
        /// The objective.
        public let loss: Float
        /// The reconstruction loss of the first pass.
        public let reconstruction: Float
        /// The weighted contrastive losses, before the weight of both.
        public let contrast: Float
        /// The mean correlation of predicted and true patterns.
        public let correlation: Double
        /// The global norm of the gradients before clipping.
        public let gradientNorm: Float
        /// The learning rate of the step.
        public let learningRate: Double
    }

    /// The network.
    public let model: MaskedAutoencoder
    /// Its parameters.
    public let store: ParameterStore
    /// The objective.
    public let objective: PretrainingObjective
    /// The masking.
    public let masking: PatchMasking
    /// Learning rate, weight decay and clipping.
    public let settings: OptimizationSettings
    /// The optimiser and its state.
    public let optimizer: AdamW

    /// Makes all parameters trainable except the position tables.
    public init(
        model: MaskedAutoencoder,
        store: ParameterStore,
        objective: PretrainingObjective = PretrainingObjective(),
        masking: PatchMasking = PatchMasking(),
        settings: OptimizationSettings = .pretraining
    ) {
        self.model = model
        self.store = store
        self.objective = objective
        self.masking = masking
        self.settings = settings
        let tables = model.positionTables.map(ObjectIdentifier.init)
        store.train { !tables.contains(ObjectIdentifier($0)) }
        optimizer = settings.optimizer(of: store.trainable)
    }

    /// One step on patterns `[B, 1, V]`.
    ///
    /// - Parameters:
    ///   - epoch: the fractional epoch, for the learning rate.
    ///   - random: where the maskings come from.
    public func callAsFunction(_ patterns: Tensor, epoch: Double, random: inout RandomNumbers) -> Report {
        let (first, second) = (draw(patterns, &random), objective.needsSecondPass ? draw(patterns, &random) : nil)
        return callAsFunction(patterns, first, second, epoch: epoch)
    }

    /// One step with given maskings.
    public func callAsFunction(
        _ patterns: Tensor,
        _ first: PatchSelection,
        _ second: PatchSelection?,
        epoch: Double
    ) -> Report {
        let loss = differentiate(patterns, first, second)
        let norm = gradientNorm(store.trainable)
        let rate = settings.learningRate(epoch: epoch)
        optimizer.step(
            learningRate: Float(rate),
            gradientScale: clippingFactor(norm: norm, limit: settings.clippingNorm)
        )
        return Report(
            loss: loss.total.value.item,
            reconstruction: loss.reconstruction.value.item,
            contrast: loss.contrast.value.item,
            correlation: meanCorrelation(loss.prediction.value, patterns),
            gradientNorm: norm,
            learningRate: rate
        )
    }

    /// The objective, its gradients left in the parameters.
    public func differentiate(
        _ patterns: Tensor,
        _ first: PatchSelection,
        _ second: PatchSelection?
    ) -> PretrainingObjective.Loss {
        store.clearGradients()
        let loss = objective.loss(model, patterns, first, second)
        loss.total.backward()
        return loss
    }

    private func draw(_ patterns: Tensor, _ random: inout RandomNumbers) -> PatchSelection {
        masking.selection(
            batch: patterns.shape[0],
            patches: model.configuration.patches,
            patchSize: model.configuration.patchSize,
            random: &random
        )
    }
}

/// The Pearson correlation of two arrays of equal size, item by item of the first axis, averaged over the items.
///
/// An item without variance counts as 0.
public func meanCorrelation(_ a: Tensor, _ b: Tensor) -> Double {
    precondition(a.count == b.count && a.shape[0] == b.shape[0], "Shapes \(a.shape) and \(b.shape) do not match.")
    let (items, width) = (a.shape[0], a.count / max(a.shape[0], 1))
    let total = (0..<items).reduce(0.0) { total, item in
        let x = UnsafeBufferPointer(start: a.pointer + item * width, count: width)
        let y = UnsafeBufferPointer(start: b.pointer + item * width, count: width)
        return total + correlation(x, y)
    }
    return total / Double(max(items, 1))
}

private func correlation(_ x: UnsafeBufferPointer<Float>, _ y: UnsafeBufferPointer<Float>) -> Double {
    let count = Double(x.count)
    let meanX = x.reduce(0.0) { $0 + Double($1) } / count
    let meanY = y.reduce(0.0) { $0 + Double($1) } / count
    var (covariance, varianceX, varianceY) = (0.0, 0.0, 0.0)
    for index in x.indices {
        let (a, b) = (Double(x[index]) - meanX, Double(y[index]) - meanY)
        covariance += a * b
        varianceX += a * a
        varianceY += b * b
    }
    let deviations = (varianceX * varianceY).squareRoot()
    return deviations > 0 ? covariance / deviations : 0
}
