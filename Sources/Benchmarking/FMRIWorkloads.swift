import Decoder
import Neural
import Tensors

/// A pattern to the condition tokens of the diffusion model.
final class FMRIWorkload: Workload {
    /// The module for 4656 voxels.
    static let configuration = FMRIConditioningConfiguration(encoder: FMRIEncoderConfiguration(voxels: 4656))

    let store: ParameterStore
    private let conditioning: FMRIConditioning
    private let patterns: Tensor

    /// - Parameter patterns: `[B, 1, V]`.
    init(patterns: Tensor) {
        store = ParameterStore()
        conditioning = FMRIConditioning(Self.configuration, store.root)
        self.patterns = patterns
    }

    var weightCount: Int { store.count }

    func run() -> Tensor { conditioning(patterns).value }
}

/// A training step of the double-contrastive masked autoencoder: two masked passes, all losses, clipping, AdamW.
final class MaskedAutoencoderWorkload: Workload {
    /// The published model.
    static let configuration = MaskedAutoencoderConfiguration(voxels: 4656)

    let store: ParameterStore
    private let step: PretrainingStep
    private let patterns: Tensor
    private let selections: (PatchSelection, PatchSelection)

    /// - Parameters:
    ///   - patterns: `[B, 1, V]`.
    ///   - noise: `[B, L]`, what decides the masking of either pass.
    init(patterns: Tensor, noise: (Tensor, Tensor)) {
        store = ParameterStore()
        let model = MaskedAutoencoder(Self.configuration, store.root)
        let constantRate = OptimizationSettings(warmupEpochs: 0, epochs: 0)
        step = PretrainingStep(model: model, store: store, settings: constantRate)
        let masking = PatchMasking()
        selections = (masking.selection(noise: noise.0), masking.selection(noise: noise.1))
        self.patterns = patterns
    }

    var weightCount: Int { store.count }

    /// The loss before the step.
    func run() -> Tensor {
        Tensor(step(patterns, selections.0, selections.1, epoch: 0).loss)
    }
}

/// A training step of cross-modal tuning: four passes, the joint loss, clipping, AdamW.
final class CrossModalWorkload: Workload {
    let model: CrossModalModel
    private let step: CrossModalTuningStep
    private let patterns: Tensor
    private let images: Tensor
    private var random = RandomNumbers(seed: 1, purpose: "masking")

    init(batch: Int) {
        model = CrossModalModel(fmri: .crossModal(voxels: 4656), image: .crossModal)
        let constantRate = OptimizationSettings(peakLearningRate: 5.3e-5, warmupEpochs: 0, epochs: 0)
        step = CrossModalTuningStep(
            model: model,
            weights: .published,
            imageMasking: PatchMasking(ratio: 0.5),
            settings: constantRate
        )
        var random = RandomNumbers(seed: 1, purpose: "input")
        patterns = random.normal([batch, 1, 4656])
        images = random.normal([batch, 224, 224, 3])
    }

    var weightCount: Int { model.fmriStore.count + model.imageStore.count }

    /// The loss before the step.
    func run() -> Tensor {
        Tensor(step(patterns: patterns, images: images, epoch: 0, random: &random).loss)
    }
}
