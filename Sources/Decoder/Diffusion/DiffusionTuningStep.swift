import Neural
import Tensors

/// A training step of the third phase: the latent diffusion model learns to follow the condition.
public final class DiffusionTuningStep {
    /// Which parameters are trained.
    public enum Selection: Sendable {
        /// The conditioning, and the UNet's cross-attention, its LayerNorms and its time conditioning; each once.
        case conditioning
        /// What the reference hands to its optimiser: chosen by parts of names, so that the fMRI encoder's `norm2` are
        /// listed twice, and counted and updated twice.
        case reference
        /// Every parameter of the UNet: for the training of a model from nothing.
        case unet
        /// The conditioning and the whole UNet.
        case everything
    }

    /// What the loss is the error of.
    public enum Weighting: Sendable, Hashable {
        /// The predicted noise, as published.
        case noise
        /// The finished latents that the predicted noise implies: the noise's error over the signal-to-noise ratio, at
        /// most `limit` times.
        ///
        /// It gives weight to the noisy timesteps, where the condition decides what the image is of.
        case latents(limit: Double)
    }

    /// The losses of a step.
    public struct Loss {
        /// The mean squared error that is trained on.
        public let simple: Variable
        /// The same, weighted by the variational bound; not trained on.
        public let variational: Float
    }

    /// The networks.
    public let model: LatentDiffusion
    /// The trained parameters, in the order of the optimiser, possibly with repetitions.
    public let trained: [Parameter]
    /// The optimiser and its state.
    public let optimizer: AdamW
    /// The global norm to which gradients are clipped.
    public let clippingNorm: Float
    /// The constant learning rate.
    public let learningRate: Float
    /// What the loss is the error of.
    public let weighting: Weighting

    /// Makes the selected parameters trainable and all others constant.
    ///
    /// The defaults are the published ones.
    public init(
        model: LatentDiffusion,
        selection: Selection = .conditioning,
        learningRate: Float = 5.3e-5,
        weightDecay: Float = 0.01,
        clippingNorm: Float = 0.5,
        weighting: Weighting = .noise
    ) {
        self.model = model
        self.weighting = weighting
        self.learningRate = learningRate
        self.clippingNorm = clippingNorm
        trained = Self.parameters(selection, of: model.store)
        let chosen = Set(trained.map(\.name))
        model.store.train { chosen.contains($0.name) }
        optimizer = AdamW(groups: [.init(parameters: trained, weightDecay: weightDecay)], betas: (0.9, 0.999))
    }

    /// The parameters of a selection, in the order of the optimiser.
    public static func parameters(_ selection: Selection, of store: ParameterStore) -> [Parameter] {
        let marks = ["attn2", "norm2", "time_embed_condtion"]
        let isMarked = { (parameter: Parameter) in marks.contains { parameter.name.contains($0) } }
        let isUNet = { (parameter: Parameter) in parameter.name.hasPrefix("model.diffusion_model.") }
        let conditioning = store.parameters.filter { $0.name.hasPrefix("cond_stage_model.") }
        switch selection {
        case .conditioning: return conditioning + store.parameters.filter { isUNet($0) && isMarked($0) }
        case .reference: return conditioning + store.parameters.filter(isMarked)
        case .unet: return store.parameters.filter(isUNet)
        case .everything: return store.parameters.filter { !$0.name.hasPrefix("first_stage_model.") }
        }
    }

    /// The losses for latents of images under a condition.
    /// - Parameters:
    ///   - latents: unquantised, `[B, H, W, C]`.
    ///   - context: the condition, `[B, tokens, width]`.
    ///   - timesteps: one per item.
    ///   - noise: N(0, 1), of the latents' shape.
    public func loss(latents: Tensor, context: Variable, timesteps: [Int], noise: Tensor) -> Loss {
        let noisy = noisyLatents(latents, noise: noise, timesteps: timesteps, schedule: model.schedule)
        let prediction = model.unet(
            Variable(noisy),
            timesteps: timesteps,
            conditioning: model.unet.prepare(context)
        )
        let difference = subtract(prediction.value, noise)
        let weights = model.schedule.variationalWeights
        let variational = timesteps.enumerated().reduce(0.0) { total, item in
            let inner = difference.count / timesteps.count
            let error = sumOfSquares(difference.rows(item.offset..<item.offset + 1)) / Double(inner)
            return total + Double(weights[item.element]) * error
        }
        return Loss(
            simple: weightedError(prediction, noise, timesteps),
            variational: Float(variational / Double(timesteps.count))
        )
    }

    private func weightedError(_ prediction: Variable, _ noise: Tensor, _ timesteps: [Int]) -> Variable {
        guard case .latents(let limit) = weighting else { return meanSquaredError(prediction, Variable(noise)) }
        let roots = Tensor(uninitialized: noise.shape)
        let inner = noise.count / timesteps.count
        for (item, timestep) in timesteps.enumerated() {
            let alpha = model.schedule.alphasCumulative[timestep]
            let root = Float(min((1 - alpha) / alpha, limit).squareRoot())
            (roots.pointer + item * inner).update(repeating: root, count: inner)
        }
        return meanSquaredError(prediction * Variable(roots), Variable(multiply(noise, roots)))
    }

    /// The loss for images and patterns, its gradients left in the parameters.
    /// - Parameters:
    ///   - images: `[B, H, W, 3]` in −1…1.
    ///   - patterns: `[B, 1, V]`.
    public func differentiate(images: Tensor, patterns: Tensor, timesteps: [Int], noise: Tensor) -> Loss {
        model.store.clearGradients()
        let latents = GradientRecording.disabled { model.autoencoder.encode(Variable(images)).value }
        guard let conditioning = model.conditioning else {
            preconditionFailure("A model without conditioning cannot be tuned to patterns.")
        }
        let loss = loss(latents: latents, context: conditioning(patterns), timesteps: timesteps, noise: noise)
        loss.simple.backward()
        return loss
    }

    /// Clips the gradients and updates the parameters.
    ///
    /// Returns the global norm before clipping.
    @discardableResult
    public func update() -> Float {
        let norm = gradientNorm(trained)
        optimizer.step(learningRate: learningRate, gradientScale: clippingFactor(norm: norm, limit: clippingNorm))
        return norm
    }
}
