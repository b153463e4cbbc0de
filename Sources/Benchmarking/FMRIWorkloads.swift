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
    private let selections: CrossModalModel.Selections

    /// - Parameters:
    ///   - patterns: `[B, 1, V]`.
    ///   - images: `[B, 224, 224, 3]`.
    ///   - noise: `[B, L]` of pattern and image, what decides the masking of either.
    init(patterns: Tensor, images: Tensor, noise: (fmri: Tensor, image: Tensor)) {
        model = CrossModalModel(fmri: Self.fmri, image: Self.image)
        let constantRate = OptimizationSettings(peakLearningRate: 5.3e-5, warmupEpochs: 0, epochs: 0)
        step = CrossModalTuningStep(model: model, weights: .published, settings: constantRate)
        let everything = PatchMasking(ratio: 0)
        selections = CrossModalModel.Selections(
            imageSupport: everything.selection(noise: noise.image),
            fmriReconstruction: PatchMasking().selection(noise: noise.fmri),
            fmriSupport: everything.selection(noise: noise.fmri),
            imageReconstruction: PatchMasking(ratio: 0.5).selection(noise: noise.image)
        )
        (self.patterns, self.images) = (patterns, images)
    }

    /// The published models.
    static let fmri = MaskedAutoencoderConfiguration.crossModal(voxels: 4656)
    static let image = VisionMaskedAutoencoderConfiguration.crossModal

    var weightCount: Int { model.fmriStore.count + model.imageStore.count }

    /// The loss before the step.
    func run() -> Tensor {
        Tensor(step(patterns: patterns, images: images, selections, epoch: 0).loss)
    }
}
