import Decoder
import Neural
import Settings
import Tensors

/// The first phase: the double-contrastive masked autoencoder, on patterns without images.
final class PretrainingPhase: TrainingPhase {
    let name = "pretraining"
    let model: MaskedAutoencoder
    let store: ParameterStore
    private let material: TrainingMaterial
    private let objective: PretrainingObjective
    private let masking: PatchMasking
    private let optimizer: AdamW

    init(_ material: TrainingMaterial) throws {
        self.material = material
        let recipe = material.recipe.pretraining
        let configuration = MaskedAutoencoderConfiguration(
            voxels: material.patterns.columns,
            patchSize: material.recipe.patterns.patchSize,
            width: recipe.width,
            depth: recipe.depth,
            heads: recipe.heads,
            decoderWidth: recipe.decoderWidth,
            decoderDepth: recipe.decoderDepth,
            decoderHeads: recipe.decoderHeads,
            hiddenRatio: recipe.hiddenRatio
        )
        try configuration.validate()
        store = ParameterStore(seed: material.recipe.seed)
        model = MaskedAutoencoder(configuration, store.root)
        objective = recipe.objective.objective(pairedNegatives: recipe.pairedNegatives)
        masking = PatchMasking(ratio: recipe.maskRatio)
        let tables = model.positionTables.map(ObjectIdentifier.init)
        store.train { !tables.contains(ObjectIdentifier($0)) }
        optimizer = AdamW(recipe.optimization, store.trainable)
    }

    var itemCount: Int { material.unlabelledCount }
    var networks: [(name: String, store: ParameterStore)] { [("model", store)] }
    var optimizers: [(name: String, optimizer: AdamW)] { [("model", optimizer)] }
    var trained: [Parameter] { store.trainable }

    func loss(of items: [Int], random: inout RandomNumbers) -> PhaseLoss {
        let patterns = material.unlabelledPatterns(items, random: &random)
        let loss = evaluate(patterns, random: &random)
        return PhaseLoss(
            total: loss.total,
            values: [
                ("reconstruction", Double(loss.reconstruction.value.item)),
                ("contrast", Double(loss.contrast.value.item)),
                ("correlation", meanCorrelation(loss.prediction.value, patterns)),
            ]
        )
    }

    func validate(random: inout RandomNumbers) -> Double? {
        let held = material.validationPatterns
        guard held.rows > 1 else { return nil }
        return Double(
            evaluate(Tensor(held.values, shape: [held.rows, 1, held.columns]), random: &random).total.value.item
        )
    }

    private func evaluate(_ patterns: Tensor, random: inout RandomNumbers) -> PretrainingObjective.Loss {
        func draw() -> PatchSelection {
            masking.selection(
                batch: patterns.shape[0],
                patches: model.configuration.patches,
                patchSize: model.configuration.patchSize,
                random: &random
            )
        }
        let first = draw()
        return objective.loss(model, patterns, first, objective.needsSecondPass ? draw() : nil)
    }
}

extension PretrainingRecipe.Objective {
    func objective(pairedNegatives: Bool) -> PretrainingObjective {
        var objective: PretrainingObjective =
            switch self {
            case .standard: PretrainingObjective.Preset.standard.objective
            case .referenceEffective: PretrainingObjective.Preset.referenceEffective.objective
            case .referenceRequested: PretrainingObjective.Preset.referenceRequested.objective
            case .paper: PretrainingObjective.Preset.paper.objective
            case .reconstruction: PretrainingObjective(contrastWeight: 0, selfWeight: 0, crossWeight: 0)
            }
        objective.negatives = pairedNegatives ? .paired : .unpaired
        return objective
    }
}
