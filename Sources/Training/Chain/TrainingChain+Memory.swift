import Decoder
import Neural

/// What the networks of a phase keep in memory while they are trained.
///
/// A network whose weights nothing has asked for yet has none, so that a recipe's can be counted before they are made.
private struct NetworkMemory {
    /// The section of the recipe that says how large they are.
    let section: String
    /// The keys in it that make them smaller.
    let keys: String
    /// The number of their weights.
    let weights: Int
    /// The number of those that are trained.
    let trained: Int

    /// Of each weight itself, and of trained ones the gradient and two moments, all in single precision.
    var bytes: Int { 4 * (weights + 3 * trained) }
}

extension TrainingChain {
    /// Checks that the networks of each phase fit into memory.
    ///
    /// What a batch needs is checked when its phase starts, see ``TrainingLoop/checkMemory(of:)``.
    func checkMemory() throws {
        for need in try needs() where need.bytes > options.memory {
            throw TrainingError.tooLarge(
                need.section,
                "its networks of \(need.weights) weights",
                bytes: need.bytes,
                memory: options.memory,
                remedy: "make \(need.keys) smaller"
            )
        }
    }

    private func needs() throws -> [NetworkMemory] {
        let image = try configuration()
        let autoencoder = ParameterStore()
        _ = VQAutoencoder(image.autoencoder, autoencoder.root)
        let model = LatentDiffusion(image).store
        let unet = model.parameters.reduce(0) { $0 + ($1.name.hasPrefix("first_stage_model.") ? 0 : $1.count) }
        var needs = [
            NetworkMemory(
                section: "autoencoder",
                keys: "channels, multipliers, blocks or codes",
                weights: autoencoder.count,
                trained: recipe.autoencoder.isTrained ? autoencoder.count : 0
            ),
            NetworkMemory(
                section: "imageModel",
                keys: "channels, multipliers or blocks",
                weights: model.count,
                trained: recipe.imageModel.isTrained ? unet : 0
            ),
        ]
        func add(_ phase: any TrainingPhase, _ section: String, _ keys: String) {
            let weights = phase.networks.reduce(0) { $0 + $1.store.count }
            let trained = phase.optimizers.reduce(0) { $0 + $1.optimizer.groups.reduce(0) { $0 + $1.count } }
            needs.append(NetworkMemory(section: section, keys: keys, weights: weights, trained: trained))
        }
        if recipe.pretraining.isTrained || recipe.pretraining.start != nil {
            add(try PretrainingPhase(material), "pretraining", "width, depth, decoderWidth or decoderDepth")
        }
        if recipe.crossModal.isTrained {
            let keys = "width, depth, decoderWidth or decoderDepth"
            add(try ImageAutoencoderPhase(material), "imageAutoencoder", keys)
            add(try CrossModalPhase(material), "crossModal", "decoderDepth or crossDepth, or the autoencoders' widths")
        }
        let tuned = LatentDiffusion(try tunedConfiguration())
        _ = DiffusionTuningStep(model: tuned, selection: .init(recipe.diffusionTuning.selection))
        // The image model that it starts from is kept beside it; a student has a teacher, and an average.
        let copies = recipe.distillation.isTrained ? 3 : 1
        needs.append(
            NetworkMemory(
                section: "diffusionTuning",
                keys: "imageModel.channels or pretraining.width",
                weights: model.count + copies * tuned.store.count,
                trained: tuned.store.trainable.reduce(0) { $0 + $1.count }
            )
        )
        return needs
    }
}

extension AdamW.Group {
    fileprivate var count: Int { parameters.reduce(0) { $0 + $1.count } }
}
