import Foundation
import Neural
import Tensors
import Testing

@testable import Decoder

@Suite("The masked autoencoder")
struct FMRIAutoencoderTests {
    private static let configuration = MaskedAutoencoderConfiguration(
        voxels: 48,
        patchSize: 8,
        width: 16,
        depth: 2,
        heads: 2,
        decoderWidth: 12,
        decoderDepth: 1,
        decoderHeads: 3
    )
    private let store = ParameterStore(seed: 7)
    private let model: MaskedAutoencoder
    private let patterns: Tensor

    init() {
        model = MaskedAutoencoder(Self.configuration, store.root)
        var random = RandomNumbers(seed: 1, purpose: "patterns")
        patterns = random.normal([3, 1, 48])
        // Zero biases and equal tokens would hide a term that is missing.
        for parameter in store.parameters where !parameter.name.contains("pos_embed") {
            let change = random.normal(parameter.shape, deviation: 0.1)
            parameter.update { add(change, to: $0) }
        }
    }

    private func selection(ratio: Double, seed: UInt64, batch: Int = 3) -> PatchSelection {
        var random = RandomNumbers(seed: seed)
        return PatchMasking(ratio: ratio).selection(batch: batch, patches: 6, patchSize: 8, random: &random)
    }

    private func expectEqual(_ a: Tensor, _ b: Tensor, tolerance: Float = 1e-5) {
        #expect(a.shape == b.shape)
        for (x, y) in zip(a.elements, b.elements) { #expect(abs(x - y) <= tolerance * (1 + abs(y))) }
    }

    @Test("With nothing hidden the order of the patches does not matter, and the loss is 0")
    func permutation() {
        let identity = PatchMasking(ratio: 0).selection(
            noise: Tensor((0..<18).map { Float($0 % 6) }, shape: [3, 6])
        )
        let shuffled = selection(ratio: 0, seed: 2)
        let prediction = model.decode(model.encode(patterns, identity), identity)
        let same = model.decode(model.encode(patterns, shuffled), shuffled)
        expectEqual(same.value, prediction.value)
        #expect(model.reconstructionLoss(prediction, of: patterns, identity).value.item == 0)
    }

    @Test("A ratio that hides every patch leaves the class token alone and still predicts all patches")
    func nothingVisible() {
        let hidden = selection(ratio: 1, seed: 3)
        let latent = model.encode(patterns, hidden)
        #expect(latent.shape == [3, 1, 16])
        #expect(model.decode(latent, hidden).shape == [3, 6, 8])
        let step = PretrainingStep(model: model, store: store)
        _ = step.differentiate(patterns, hidden, selection(ratio: 1, seed: 4))
        #expect(store["patch_embed.proj.weight"]?.gradient?.elements.allSatisfy { $0 == 0 } == true)
        #expect((store["cls_token"]?.gradient.map(sumOfSquares) ?? 0) > 0)
    }

    @Test("Hidden patches do not influence the prediction")
    func hiddenPatches() {
        let visible = selection(ratio: 0.5, seed: 4)
        let changed = patterns.copy()
        for (index, hidden) in visible.mask.elements.enumerated() where hidden == 1 {
            for voxel in 0..<8 { changed.pointer[index * 8 + voxel] += 3 }
        }
        let prediction = model.decode(model.encode(patterns, visible), visible)
        let same = model.decode(model.encode(changed, visible), visible)
        #expect(prediction.value.elements == same.value.elements)
    }

    @Test("The loss is the mean of squared errors over the voxels of hidden patches")
    func reconstructionLoss() {
        let visible = selection(ratio: 0.5, seed: 5)
        let prediction = model.decode(model.encode(patterns, visible), visible)
        var (total, count) = (0.0, 0)
        for (index, hidden) in visible.mask.elements.enumerated() where hidden == 1 {
            for voxel in index * 8..<index * 8 + 8 {
                let error = Double(prediction.value.elements[voxel]) - Double(patterns.elements[voxel])
                total += error * error
                count += 1
            }
        }
        let loss = Double(model.reconstructionLoss(prediction, of: patterns, visible).value.item)
        #expect(abs(loss - total / Double(count)) < 1e-5)
    }

    @Test(
        "Both passes as one batch give what two separate passes give",
        arguments: PretrainingObjective.Preset.allCases
    )
    func jointPasses(preset: PretrainingObjective.Preset) {
        let (first, second) = (selection(ratio: 0.5, seed: 6), selection(ratio: 0.5, seed: 7))
        let loss = preset.objective.loss(model, patterns, first, second)
        expectEqual(loss.prediction.value, model.decode(model.encode(patterns, first), first).value)
        let other = model.decode(model.encode(patterns, second), second)
        #expect(loss.secondPrediction != nil)
        if let prediction = loss.secondPrediction { expectEqual(prediction.value, other.value) }
    }

    @Test("Every weight of the objective reaches the sum")
    func weights() {
        let (first, second) = (selection(ratio: 0.5, seed: 6), selection(ratio: 0.5, seed: 7))
        func total(_ change: (inout PretrainingObjective) -> Void) -> Float {
            var objective = PretrainingObjective(
                includesReconstruction: false,
                contrastWeight: 1,
                selfWeight: 0,
                crossWeight: 0,
                contrastsSecondPass: true
            )
            change(&objective)
            return objective.loss(model, patterns, first, second).total.value.item
        }
        #expect(total { _ in } == 0)
        let selfLoss = total { $0.selfWeight = 1 }
        let crossLoss = total { $0.crossWeight = 1 }
        let reconstruction = total { $0.includesReconstruction = true }
        let sum = total { objective in
            objective = PretrainingObjective(
                reconstructionWeight: 2,
                contrastWeight: 3,
                selfWeight: 0.25,
                crossWeight: 0.75,
                contrastsSecondPass: true
            )
        }
        let expected = 2 * reconstruction + 3 * (0.25 * selfLoss + 0.75 * crossLoss)
        #expect(abs(sum - expected) < 1e-4 * (1 + abs(expected)))
        #expect(selfLoss > 0 && crossLoss > 0 && reconstruction > 0)
    }

    @Test("A batch of one pattern has reconstruction as its only loss")
    func oneSample() {
        let (first, second) = (selection(ratio: 0.5, seed: 6, batch: 1), selection(ratio: 0.5, seed: 7, batch: 1))
        let loss = PretrainingObjective(negatives: .paired).loss(model, patterns.rows(0..<1), first, second)
        #expect(loss.contrast.value.item == 0)
        #expect(loss.total.value.item == loss.reconstruction.value.item)
    }

    @Test("Gradients of the objective agree with finite differences", arguments: PretrainingObjective.Preset.allCases)
    func gradients(preset: PretrainingObjective.Preset) {
        let (first, second) = (selection(ratio: 0.5, seed: 8), selection(ratio: 0.5, seed: 9))
        let step = PretrainingStep(model: model, store: store, objective: preset.objective)
        _ = step.differentiate(patterns, first, second)
        var random = RandomNumbers(seed: 10)
        for name in ["cls_token", "mask_token", "patch_embed.proj.weight", "blocks.1.attn.qkv.weight", "norm.bias"] {
            guard let parameter = store[name], let gradient = parameter.gradient else {
                Issue.record("no gradient for \(name)")
                continue
            }
            let direction = random.normal(parameter.shape)
            let slope = sum(multiply(gradient, direction))
            let original = parameter.value
            func loss(_ distance: Float) -> Double {
                parameter.value = add(original, scale(direction, by: distance))
                return Double(preset.objective.loss(model, patterns, first, second).total.value.item)
            }
            let distance: Float = 2e-3
            let difference = (loss(distance) - loss(-distance)) / (2 * Double(distance))
            parameter.value = original
            #expect(abs(difference - slope) < 2e-2 * (0.05 + abs(slope)), "\(name): \(slope) against \(difference)")
        }
    }

    @Test("A step lowers the loss and leaves the position tables alone")
    func step() {
        let settings = OptimizationSettings(peakLearningRate: 1e-3, warmupEpochs: 0, epochs: 0)
        let step = PretrainingStep(model: model, store: store, settings: settings)
        let tables = model.positionTables.map(\.value.elements)
        let (first, second) = (selection(ratio: 0.5, seed: 8), selection(ratio: 0.5, seed: 9))
        let reports = (0..<5).map { _ in step(patterns, first, second, epoch: 0) }
        #expect(zip(reports, reports.dropFirst()).allSatisfy { $0.loss > $1.loss })
        #expect(model.positionTables.map(\.value.elements) == tables)
    }

    @Test(
        "A configuration that describes no network is refused",
        arguments: [
            MaskedAutoencoderConfiguration(voxels: 100),
            MaskedAutoencoderConfiguration(voxels: 0),
            MaskedAutoencoderConfiguration(voxels: 4656, heads: 7),
            MaskedAutoencoderConfiguration(voxels: 4656, decoderWidth: 1 << 40),
            MaskedAutoencoderConfiguration(voxels: 4656, hiddenRatio: .nan),
        ]
    )
    func refused(configuration: MaskedAutoencoderConfiguration) {
        #expect(throws: TransformerConfigurationError.self) { try configuration.validate() }
    }
}
