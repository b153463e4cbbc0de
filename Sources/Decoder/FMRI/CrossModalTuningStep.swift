import Neural
import Tensors

/// A training step of the second phase: four passes, the joint loss, its gradients, clipping per network and AdamW.
public final class CrossModalTuningStep {
    /// What a step did.
    public struct Report: Sendable {
        /// The joint loss.
        public let loss: Float
        /// The reconstruction loss of patterns.
        public let fmriLoss: Float
        /// The reconstruction loss of images.
        public let imageLoss: Float
        /// The mean correlation of predicted and true patterns.
        public let fmriCorrelation: Double
        /// The mean correlation of predicted and true images.
        public let imageCorrelation: Double
        /// The norm of the fMRI network's gradients before clipping.
        public let fmriGradientNorm: Float
        /// The norm of the image network's gradients before clipping.
        public let imageGradientNorm: Float
        /// The learning rate of the step.
        public let learningRate: Double
    }

    /// The networks.
    public let model: CrossModalModel
    /// The weights of the joint loss.
    public let weights: CrossModalModel.Weights
    /// The masking of patterns.
    public let fmriMasking: PatchMasking
    /// The masking of images.
    public let imageMasking: PatchMasking
    /// Learning rate, weight decay and clipping.
    public let settings: OptimizationSettings
    /// The optimisers of both networks and their state; they step together.
    public let optimizers: (fmri: AdamW, image: AdamW)

    /// Selects what is trained.
    public init(
        model: CrossModalModel,
        weights: CrossModalModel.Weights = CrossModalModel.Weights(),
        fmriMasking: PatchMasking = PatchMasking(),
        imageMasking: PatchMasking = PatchMasking(),
        settings: OptimizationSettings = .crossModalTuning,
        trainsDecoderPositions: Bool = false
    ) {
        self.model = model
        self.weights = weights
        self.fmriMasking = fmriMasking
        self.imageMasking = imageMasking
        self.settings = settings
        model.selectTrainable(trainsDecoderPositions: trainsDecoderPositions)
        // Names of the two networks may coincide, so each has an optimiser of its own.
        optimizers = (
            settings.optimizer(of: model.fmriStore.trainable), settings.optimizer(of: model.imageStore.trainable)
        )
    }

    /// One step on patterns `[B, 1, V]` and images `[B, H, W, 3]`.
    ///
    /// - Parameters:
    ///   - epoch: the fractional epoch, for the learning rate.
    ///   - random: where the maskings come from.
    public func callAsFunction(
        patterns: Tensor,
        images: Tensor,
        epoch: Double,
        random: inout RandomNumbers
    ) -> Report {
        let selections = model.selections(
            batch: patterns.shape[0],
            fmri: fmriMasking,
            image: imageMasking,
            random: &random
        )
        return callAsFunction(patterns: patterns, images: images, selections, epoch: epoch)
    }

    /// One step with given maskings.
    public func callAsFunction(
        patterns: Tensor,
        images: Tensor,
        _ selections: CrossModalModel.Selections,
        epoch: Double
    ) -> Report {
        let result = differentiate(patterns: patterns, images: images, selections)
        let rate = settings.learningRate(epoch: epoch)
        let norms = (gradientNorm(model.fmriStore.trainable), gradientNorm(model.imageStore.trainable))
        for (optimizer, norm) in [(optimizers.fmri, norms.0), (optimizers.image, norms.1)] {
            let factor = clippingFactor(norm: norm, limit: settings.clippingNorm)
            optimizer.step(learningRate: Float(rate), gradientScale: factor)
        }
        return Report(
            loss: result.total.value.item,
            fmriLoss: result.fmriLoss.value.item,
            imageLoss: result.imageLoss.value.item,
            fmriCorrelation: meanCorrelation(result.fmriPrediction.value, patterns),
            imageCorrelation: meanCorrelation(result.imagePrediction.value, model.image.target(of: images)),
            fmriGradientNorm: norms.0,
            imageGradientNorm: norms.1,
            learningRate: rate
        )
    }

    /// The joint loss, its gradients left in the parameters.
    public func differentiate(
        patterns: Tensor,
        images: Tensor,
        _ selections: CrossModalModel.Selections
    ) -> CrossModalModel.Result {
        model.fmriStore.clearGradients()
        model.imageStore.clearGradients()
        let result = model(patterns: patterns, images: images, selections, weights: weights)
        result.total.backward()
        return result
    }
}
