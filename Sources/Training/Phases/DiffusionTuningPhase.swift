import Decoder
import Images
import Neural
import Settings
import Tensors

/// The third phase: the latent diffusion model learns to follow the condition that the fMRI encoder makes of a pattern.
final class DiffusionTuningPhase: TrainingPhase {
    let name = "diffusion tuning"
    let model: LatentDiffusion
    private let material: TrainingMaterial
    private let step: DiffusionTuningStep
    private let optimizer: AdamW
    private let cache: LatentCache
    private var measured: [Tensor] = []
    private var held: [Tensor] = []

    /// Takes over the image model and the encoder of an earlier phase, whose names are those of its state dict.
    init(
        _ material: TrainingMaterial,
        configuration: LatentDiffusionConfiguration,
        imageModel: ParameterStore,
        encoder: ParameterStore?
    ) {
        self.material = material
        let recipe = material.recipe.diffusionTuning
        model = LatentDiffusion(configuration, seed: material.recipe.seed)
        model.store.copyValues(of: imageModel) { $0.hasPrefix("cond_stage_model.") ? nil : $0 }
        if let encoder {
            let parts = ["blocks.", "patch_embed.", "norm.", "cls_token", "pos_embed"]
            model.store.copyValues(of: encoder) { name in
                parts.contains { name.hasPrefix($0) } ? "cond_stage_model.mae.\(name)" : nil
            }
        }
        step = DiffusionTuningStep(
            model: model,
            selection: .init(recipe.selection),
            weightDecay: Float(recipe.optimization.weightDecay),
            weighting: .init(limit: recipe.latentWeightLimit)
        )
        optimizer = AdamW(
            groups: [.init(parameters: step.trained, weightDecay: Float(recipe.optimization.weightDecay))],
            betas: (Float(recipe.optimization.firstDecay), Float(recipe.optimization.secondDecay))
        )
        cache = LatentCache(material, model.autoencoder, positions: material.simulated, needsFeatures: true)
    }

    var itemCount: Int { material.pairCount }
    var networks: [(name: String, store: ParameterStore)] { [("model", model.store)] }
    var optimizers: [(name: String, optimizer: AdamW)] { [("model", optimizer)] }
    var trained: [Parameter] { model.store.parameters.filter(\.isTrainable) }

    func prepare() {
        held = LatentCache.encode(material.validationImages.map { $0.signedTensor() }, model.autoencoder)
        if material.recipe.diffusionTuning.cropShare == 0 {
            measured = LatentCache.encode(material.images.map { $0.signedTensor() }, model.autoencoder)
        }
    }

    func loss(of items: [Int], random: inout RandomNumbers) -> PhaseLoss {
        let (patterns, latents) = pairs(items, random: &random)
        let noise = random.normal(latents.shape)
        let timesteps = items.map { _ in random.integer(below: model.schedule.count) }
        return PhaseLoss(total: loss(patterns, latents, timesteps, noise))
    }

    func validate(random: inout RandomNumbers) -> Double? {
        let patterns = material.validationPatterns
        guard patterns.rows > 0 else { return nil }
        let draws = 8
        var total = 0.0
        for draw in 0..<draws {
            let latents = stacked(held)
            // Spread over the schedule, differently for each item.
            let timesteps = (0..<patterns.rows).map { row in
                (draw * 2 + row % 2) * model.schedule.count / (2 * draws) + model.schedule.count / (4 * draws)
            }
            let noise = random.normal(latents.shape)
            let inputs = Tensor(patterns.values, shape: [patterns.rows, 1, patterns.columns])
            total += Double(loss(inputs, latents, timesteps, noise).value.item)
        }
        return total / Double(draws)
    }

    private func loss(_ patterns: Tensor, _ latents: Tensor, _ timesteps: [Int], _ noise: Tensor) -> Variable {
        guard let conditioning = model.conditioning else {
            preconditionFailure("A model without conditioning cannot be tuned to patterns.")
        }
        return step.loss(latents: latents, context: conditioning(patterns), timesteps: timesteps, noise: noise).simple
    }

    /// Patterns `[B, 1, V]` with the latents of their images.
    func pairs(_ items: [Int], random: inout RandomNumbers) -> (patterns: Tensor, latents: Tensor) {
        var latents: [Tensor] = []
        let patterns = material.drawPatterns(items, random: &random) { item, random in
            let drawn = cache.draw(item, random: &random)
            latents.append(drawn.latent)
            return drawn.features
        } measured: { row, random in
            latents.append(measuredLatent(row, random: &random))
        }
        return (patterns, stacked(latents))
    }

    private func measuredLatent(_ row: Int, random: inout RandomNumbers) -> Tensor {
        if !measured.isEmpty { return measured[row] }
        let image = Augmentation.diffusionTraining(
            material.images[row],
            side: material.recipe.imageSize,
            probability: Float(material.recipe.diffusionTuning.cropShare),
            using: &random
        )
        return LatentCache.encode([image], model.autoencoder)[0]
    }
}

extension DiffusionTuningStep.Selection {
    init(_ selection: DiffusionTuningRecipe.Selection) {
        self =
            switch selection {
            case .conditioning: .conditioning
            case .reference: .reference
            case .everything: .everything
            }
    }
}
