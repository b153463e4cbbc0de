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
    private let selected: [Parameter]
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
            selection: recipe.selection == .reference ? .reference : .conditioning,
            weightDecay: Float(recipe.optimization.weightDecay),
            weighting: .init(limit: recipe.latentWeightLimit)
        )
        selected =
            recipe.selection == .everything
            ? model.store.parameters.filter { !$0.name.hasPrefix("first_stage_model.") } : step.trained
        let chosen = Set(selected.map(\.name))
        model.store.train { chosen.contains($0.name) }
        optimizer = AdamW(
            groups: [.init(parameters: selected, weightDecay: Float(recipe.optimization.weightDecay))],
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
        let width = material.patterns.columns
        let patterns = Tensor(uninitialized: [items.count, 1, width])
        var latents: [Tensor] = []
        var (features, places): ([[Float]], [Int]) = ([], [])
        for (place, item) in items.enumerated() {
            if material.encodingModel != nil, Double(random.uniform()) < material.recipe.simulation.share {
                let drawn = cache.draw(item, random: &random)
                latents.append(drawn.latent)
                features.append(drawn.features)
                places.append(place)
            } else {
                let row = material.encodingModel == nil ? item : random.integer(below: material.patterns.rows)
                latents.append(measuredLatent(row, random: &random))
                for (index, value) in material.patterns[row].enumerated() {
                    patterns.pointer[place * width + index] = value
                }
            }
        }
        if let encodingModel = material.encodingModel, !features.isEmpty {
            let responses = encodingModel.simulate(features, random: &random)
            for (row, place) in places.enumerated() {
                (patterns.pointer + place * width).update(from: responses.pointer + row * width, count: width)
            }
        }
        material.sparsify(patterns, random: &random)
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
