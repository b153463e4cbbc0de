import Decoder
import Neural
import Settings
import Tensors

/// Trains the label-conditional latent diffusion model on the prior images: what the third phase starts from.
final class ImageModelPhase: TrainingPhase {
    let name = "image model"
    let model: LatentDiffusion
    private let labels: ParameterStore
    private let embedding: Parameter
    private let material: TrainingMaterial
    private let step: DiffusionTuningStep
    private let optimizer: AdamW
    private let cache: LatentCache

    /// Takes over a trained autoencoder.
    init(_ material: TrainingMaterial, configuration: LatentDiffusionConfiguration, autoencoder: ParameterStore) {
        self.material = material
        let recipe = material.recipe.imageModel
        var configuration = configuration
        configuration.conditioning = nil
        configuration.unet.timeConditioning = .none
        model = LatentDiffusion(configuration, seed: material.recipe.seedOfImagePhases)
        model.store.copyValues(of: autoencoder) { "first_stage_model." + $0 }
        step = DiffusionTuningStep(
            model: model,
            selection: .unet,
            weighting: .init(limit: recipe.latentWeightLimit)
        )
        // As in the reference, one row more than classes, for a condition that says nothing.
        labels = ParameterStore(seed: material.recipe.seedOfImagePhases)
        let rows = [material.classCount + 1, configuration.unet.contextWidth]
        embedding = labels.root["cond_stage_model"]["embedding"].parameter("weight", rows, .normal(deviation: 1))
        embedding.isTrainable = true
        optimizer = AdamW(recipe.optimization, model.store.trainable + [embedding])
        cache = LatentCache(
            material,
            model.autoencoder,
            positions: Array(material.prior.indices),
            needsFeatures: false
        )
    }

    var itemCount: Int { material.prior.count }
    var networks: [(name: String, store: ParameterStore)] { [("model", model.store), ("labels", labels)] }
    var optimizers: [(name: String, optimizer: AdamW)] { [("model", optimizer)] }
    var trained: [Parameter] { model.store.trainable + [embedding] }

    func loss(of items: [Int], random: inout RandomNumbers) -> PhaseLoss {
        let latents = stacked(items.map { cache.draw($0, random: &random).latent })
        let noise = random.normal(latents.shape)
        let timesteps = items.map { _ in random.integer(below: model.schedule.count) }
        let context = context(ofClasses: items.map { material.priorClasses[$0] })
        let loss = step.loss(latents: latents, context: context, timesteps: timesteps, noise: noise)
        return PhaseLoss(total: loss.simple)
    }

    /// The condition of classes, `[B, 1, width]`.
    func context(ofClasses classes: [Int]) -> Variable {
        let table = embedding.variable.reshaped([1] + embedding.shape)
        let tokens = gatherTokens(table, [classes])
        return tokens.reshaped([classes.count, 1, embedding.shape[1]])
    }
}

extension DiffusionTuningStep.Weighting {
    /// As recipes write it: 0 for the noise.
    init(limit: Double) { self = limit > 0 ? .latents(limit: limit) : .noise }
}

extension ParameterStore {
    /// Takes over the values of another store's parameters, wherever the renamed name is one of this store's and the
    /// shapes agree; returns how many there were.
    @discardableResult
    func copyValues(of other: ParameterStore, rename: (String) -> String? = { $0 }) -> Int {
        var count = 0
        for parameter in other.parameters {
            guard let name = rename(parameter.name), let own = self[name], own.shape == parameter.shape else {
                continue
            }
            own.value = parameter.value.copy()
            count += 1
        }
        return count
    }
}
